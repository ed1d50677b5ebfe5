import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import type { ReferenceRules } from '../../functions/proxy/documents/reference-rules.ts';
import { findRuling } from '../../functions/proxy/documents/references.ts';
import { allPlugins } from '../../functions/proxy/plugins/all.ts';
import { assertFulfilled, compileDocument } from '../../functions/proxy/routes/compile.ts';
import type { CompileContext } from '../../functions/proxy/routes/prepare.ts';
import { createPools } from '../../functions/proxy/send/connections.ts';
import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import { toAllowedHosts } from '../proxy/proxy-environment.ts';
import { toReferenceRules } from '../proxy/secret-paths.ts';
import type { SigningProxyProps } from '../proxy/signing-proxy-props.ts';

/** What the checks depend on beside the document. */
export interface RouteCheck {
  readonly parameterPath: string;
  /** What documents may refer to. */
  readonly rules: ReferenceRules;
  readonly allowedHosts: readonly AllowedHost[];
  /** Refuses open routes. */
  readonly requireAccessPlugin: boolean;
  /** Whether limits can count for all environments together. */
  readonly hasLimitTable: boolean;
  /** The function URL sets CORS headers itself, on every route. */
  readonly hasUrlCors: boolean;
}

/** Throws on a host, a path of secrets or a prefix that the runtime would refuse. */
export function toRouteCheck(props: SigningProxyProps, parameterPath: string): RouteCheck {
  const { allowedHosts, requireAccessPlugin = false, rateLimitTable, cors } = props;
  return {
    parameterPath,
    rules: toReferenceRules(parameterPath, props),
    allowedHosts: toAllowedHosts(allowedHosts),
    requireAccessPlugin,
    hasLimitTable: Boolean(rateLimitTable),
    hasUrlCors: cors !== undefined,
  };
}

/**
 * Compiles a route document as the runtime will, plugins' settings included. What only a deployment or the proxy's role
 * knows, tokens and references, has stand-ins; what the runtime would warn of becomes a warning of the synthesis.
 *
 * Throws, with the route's id and the place in the document.
 */
export function checkRoute(
  scope: Construct,
  id: string,
  document: object,
  check: RouteCheck,
): void {
  const { region } = Stack.of(scope);
  const parameter = `${check.parameterPath}/routes/${id}`;
  try {
    const compiled = compileDocument(toConcrete(scope, document), {
      parameter,
      kind: 'route',
      references: {
        rules: check.rules,
        readSecret: () => unknownText,
        readVariable: () => unknownText,
      },
      plugins: allPlugins,
      services: createServices(Token.isUnresolved(region) ? 'us-east-1' : region, check),
      requireAccessPlugin: check.requireAccessPlugin,
    });
    assertFulfilled(compiled);
    const { routes, warnings } = compiled;
    const hasCors = routes.some((route) => route.plugins.some((p) => p.name === 'cors'));
    if (hasCors && check.hasUrlCors) {
      throw new Error(
        `Route ${id}: the prop cors answers for all routes; take it or the plugin cors.`,
      );
    }
    for (const [index, warning] of warnings.entries()) {
      const text = `${parameter}: ${warning}`;
      Annotations.of(scope).addWarningV2(`countersign:${id}:${index}`, text);
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    // The runtime may refuse a stand-in although it accepts the real value.
    const isAboutStandIns = error.issues.every(({ pointer }) =>
      isLateValue(readPointer(document, pointer), check.rules),
    );
    if (isAboutStandIns) return;
    throw new Error(`Route ${id}: ${error.message}`, { cause: error });
  }
}

const unknownText = 'known-at-deployment';

/** The document with a plausible value for each token. */
function toConcrete(scope: Construct, document: object): unknown {
  const fill = (value: unknown, pointer: string): unknown => {
    if (isIntrinsic(value)) return toStandIn(value, pointer);
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((item, index) => fill(item, `${pointer}/${index}`));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fill(item, `${pointer}/${key}`)]),
    );
  };
  return fill(Stack.of(scope).resolve(document), '');
}

type Intrinsic = Readonly<Record<string, unknown>>;

function isIntrinsic(value: unknown): value is Intrinsic {
  if (typeof value !== 'object' || value === null) return false;
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key !== undefined && /^(Ref$|Fn::)/.test(key);
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': '111122223333',
  'AWS::Partition': 'aws',
  'AWS::Region': 'us-east-1',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** Text for a text: what stands at the beginning of a plugin's setting is most likely a URL. */
function toStandIn(value: Intrinsic, pointer: string): string {
  const { Ref: ref, 'Fn::Join': join } = value;
  if (typeof ref === 'string') return pseudoParameters[ref] ?? toLateText(pointer);
  if (!Array.isArray(join)) return toLateText(pointer);
  const [separator, parts]: unknown[] = join;
  if (!Array.isArray(parts)) return toLateText(pointer);
  return parts
    .map((part, index) => {
      if (!isIntrinsic(part)) return String(part);
      return toStandIn(part, index === 0 ? pointer : '');
    })
    .join(String(separator));
}

function toLateText(pointer: string): string {
  if (/^(\/\d+)?\/uris?(\/\d+)?$/.test(pointer)) return `/${unknownText}`;
  if (!pointer.includes('/plugins/')) return unknownText;
  return `https://${unknownText}.lambda-url.us-east-1.on.aws/`;
}

/** A token, or a reference that the proxy may follow. */
function isLateValue(value: unknown, rules: ReferenceRules): boolean {
  if (Token.isUnresolved(value)) return true;
  const ruling = typeof value === 'string' ? findRuling(value, rules) : undefined;
  return ruling !== undefined && 'name' in ruling;
}

function readPointer(document: unknown, pointer: string): unknown {
  const keys = pointer.split('/').slice(1);
  return keys
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => Object(value)[key], document);
}

/** Nothing is called while a document is compiled. */
function createServices(
  region: string,
  { allowedHosts, hasLimitTable }: RouteCheck,
): CompileContext['services'] {
  const unused = () => Promise.reject(new Error('nothing is called during a synthesis'));
  const now = () => Date.now();
  return {
    region,
    allowedHosts,
    credentials: { execution: unused, assume: () => unused },
    limits: {
      endpoint: new URL('https://dynamodb.invalid/'),
      table: hasLimitTable ? unknownText : undefined,
    },
    now,
    random: Math.random,
    sleep: unused,
    log: () => {},
    connect: createPools({ allowedHosts, now }).get,
  };
}
