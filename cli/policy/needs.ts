/** Derives IAM statements from the routes in force, for each role. Pure. */

import type { ReferenceRules } from '../../functions/proxy/documents/reference-rules.ts';
import { findOutsideSecrets } from '../../functions/proxy/documents/references.ts';
import { toArnPartition } from '../../functions/proxy/sign/partitions.ts';
import { type InvokeStatement, toFunctionStatements } from '../../lib/proxy/function-statements.ts';
import type { RouteUpstream, Signing } from '../rehearsal/upstreams.ts';
import type { Need } from './need.ts';
import { type SnapshotFacts, toSnapshotNeeds } from './snapshot-needs.ts';

/** A need for which no statement can be derived. */
export interface Unresolved {
  readonly route: string;
  readonly host: string;
  readonly reason: string;
}

/** The IAM statements that the routes in force need, by role. */
export interface Needs {
  /** Needs of the execution role. */
  readonly role: readonly Need[];
  /** Needs of assumed roles, by their ARNs. */
  readonly assumed: ReadonlyMap<string, readonly Need[]>;
  readonly unresolved: readonly Unresolved[];
}

/** The inputs of the needs besides the upstreams. */
export interface NeedsContext {
  readonly region: string;
  /** The role's account, or `*` if it is not known. */
  readonly account: string;
  /** Root of the documents, and the rules for references. */
  readonly rules: ReferenceRules;
  /** Texts of the documents in force, which contain the references to secrets. */
  readonly texts: readonly string[];
  /** ARNs of the customer's keys that encrypt parameters below the root. */
  readonly keyArns: readonly string[];
  /** Function ARNs by the hosts of their URLs. */
  readonly functions: ReadonlyMap<string, string>;
  /** The snapshot that the proxy reads; undefined for one that reads Parameter Store. */
  readonly snapshot?: SnapshotFacts | undefined;
  /** Routes that count in DynamoDB, with the name or ARN of the table. */
  readonly limits?: { readonly table: string; readonly routes: readonly string[] };
}

/** Derives the statements that calls of the upstreams need. */
export function toNeeds(upstreams: readonly RouteUpstream[], context: NeedsContext): Needs {
  const role: Need[] = [...toReadingNeeds(context), ...toLimitNeeds(context)];
  const assumed = new Map<string, Need[]>();
  const unresolved: Unresolved[] = [];
  for (const upstream of upstreams) {
    const { route, target, signing } = upstream;
    // The principal of a document's static keys is not known here.
    if (!signing || signing.signer === 'static keys') continue;
    let needs = role;
    if (signing.roleArn !== undefined) {
      role.push(toNeed('sts:AssumeRole', [signing.roleArn], route.id));
      needs = assumed.get(signing.roleArn) ?? [];
      assumed.set(signing.roleArn, needs);
    }
    const found = toInvokeNeeds(upstream, signing, context);
    if (typeof found === 'string') {
      unresolved.push({ route: route.id, host: target.host, reason: found });
    } else {
      needs.push(...found);
    }
  }
  const merged = [...assumed].map(([arn, needs]) => [arn, mergeNeeds(needs)] as const);
  return { role: mergeNeeds(role), assumed: new Map(merged), unresolved };
}

/** @returns the needs, or the reason why they are not known, as text */
function toInvokeNeeds(
  upstream: RouteUpstream,
  { scope }: Signing,
  context: NeedsContext,
): Need[] | string {
  const { route, target } = upstream;
  switch (target.endpointService === undefined ? undefined : scope.service) {
    case 'lambda': {
      const arn = context.functions.get(target.hostname);
      if (arn === undefined) {
        return "a function URL's host does not say whose it is, and IAM grants by function";
      }
      return toFunctionStatements([arn]).map((statement) => toStatementNeed(statement, route.id));
    }
    case 'execute-api':
      return toApiArns(upstream, context).map((arns) =>
        toNeed('execute-api:Invoke', arns, route.id),
      );
    case undefined:
      return 'the host is no AWS endpoint: what it demands is not known';
    default:
      return `what the service ${scope.service} demands is not known to countersign`;
  }
}

/** Makes the possible ARNs for each method and path. */
function toApiArns(
  { target, methods, ends }: RouteUpstream,
  { account }: NeedsContext,
): string[][] {
  const region = target.endpointRegion ?? '*';
  // A private API may be named together with its VPC endpoint: <api>-<vpce>. The endpoint's own name can stand for any
  // API.
  const isNamed = !/\.vpce\./.test(target.hostname);
  const apiId = isNamed ? target.hostname.split('.', 1)[0]?.replace(/-vpce-.*$/, '') : '*';
  const api = `arn:${toArnPartition(region)}:execute-api:${region}:${account}:${apiId}`;
  const base = toLiteral(target.basePath.slice(1).replace(/\/$/, ''));
  const paths = ends.map((end) => (end === '' ? base : [base, end].filter(Boolean).join('/')));
  return methods.flatMap((method) =>
    paths.map((path) => toReadings(path, method).map((reading) => `${api}/${reading}`)),
  );
}

/** Escapes characters of a path that a policy would read as wildcards (IAM policy variables). */
function toLiteral(path: string): string {
  return path.replace(/[*?$]/g, (character) => `\${${character}}`);
}

/**
 * Makes both readings of a path: that of REST APIs and named stages, and that of an HTTP API with the stage `$default`.
 */
function toReadings(path: string, method: string): string[] {
  if (path === '*') return [`*/${method}/*`];
  const [stage, ...rest] = path.split('/');
  const whole = `$default/${method}/${path}`;
  return stage === '' ? [whole] : [`${stage}/${method}/${rest.join('/')}`, whole];
}

function toReadingNeeds(context: NeedsContext): Need[] {
  const { region, account, rules, texts, keyArns, snapshot } = context;
  const { root } = rules;
  const partition = toArnPartition(region);
  if (snapshot) return toSnapshotNeeds(snapshot, { root, partition });
  const toParameter = (name: string) =>
    `arn:${partition}:ssm:${region}:${account}:parameter${name}`;
  const secrets = [...new Set(texts.flatMap((text) => findOutsideSecrets(text, rules)))];
  const managed = secrets.flatMap(
    (name) => /^\/aws\/reference\/secretsmanager\/(.+)$/.exec(name)?.[1] ?? [],
  );
  return [
    // IAM authorises the call on the given path, which policies write in both ways.
    toNeed('ssm:GetParametersByPath', [toParameter(root), toParameter(`${root}/*`)]),
    // The history contains the last valid version of a malformed document.
    toNeed('ssm:GetParameterHistory', [toParameter(`${root}/*`)]),
    ...secrets.map((name) => toNeed('ssm:GetParameters', [toParameter(name)])),
    ...managed.map((name) => {
      // Secrets Manager appends six random characters to a name.
      const arn = `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}-??????`;
      return toNeed('secretsmanager:GetSecretValue', [arn]);
    }),
    ...keyArns.map((arn) => toNeed('kms:Decrypt', [arn])),
  ];
}

function toLimitNeeds({ region, account, limits }: NeedsContext): Need[] {
  if (!limits || limits.routes.length === 0) return [];
  const { table, routes } = limits;
  const partition = toArnPartition(region);
  const arn = table.startsWith('arn:')
    ? table
    : `arn:${partition}:dynamodb:${region}:${account}:table/${table}`;
  return [{ ...toNeed('dynamodb:UpdateItem', [arn]), routes }];
}

function toNeed(action: string, resources: readonly string[], route?: string): Need {
  return { action, resources, conditions: {}, routes: route === undefined ? [] : [route] };
}

function toStatementNeed(
  { actions, resourceArns, conditions = {} }: InvokeStatement,
  route: string,
): Need {
  return { action: actions[0] ?? '', resources: resourceArns, conditions, routes: [route] };
}

/** Merges equal needs of several routes. */
function mergeNeeds(needs: readonly Need[]): Need[] {
  const merged = new Map<string, Need>();
  for (const need of needs) {
    const key = JSON.stringify([need.action, need.resources]);
    const routes = [...new Set([...(merged.get(key)?.routes ?? []), ...need.routes])];
    merged.set(key, { ...need, routes });
  }
  return [...merged.values()];
}

/** The needs as a policy document. */
export function toPolicyDocument(needs: readonly Need[]): object {
  return {
    Version: '2012-10-17',
    Statement: needs.map(({ action, resources, conditions }) => ({
      Effect: 'Allow',
      Action: action,
      Resource: resources.length === 1 ? resources[0] : resources,
      ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
    })),
  };
}
