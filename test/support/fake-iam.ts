/** IAM and STS on loopback with the calls of the CLI: the query protocol, signed requests, XML answers. */
import { createServer, type ServerResponse } from 'node:http';
import { type Listening, listen, readBody } from '../../local/http-server.ts';
import { createVerifier } from './upstream.ts';

export const account = '123456789012';

export interface FakeRole {
  /** By policy name. */
  readonly inline?: Readonly<Record<string, PolicyDocument>>;
}

interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface FakeIamOptions {
  readonly roles?: Readonly<Record<string, FakeRole>>;
  /** Actions that the caller may not use. */
  readonly denied?: readonly string[];
}

export interface FakeIam extends Listening {
  /** Actions, in the order of calls. */
  readonly calls: string[];
}

type Input = Readonly<Record<string, string>>;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export async function startFakeIam(options: FakeIamOptions = {}): Promise<FakeIam> {
  const calls: string[] = [];
  const verify = { iam: createVerifier('iam'), sts: createVerifier('sts') };
  const server = createServer((request, response) => {
    void readBody(request, 1_000_000).then((body = Buffer.alloc(0)) => {
      const input = Object.fromEntries(new URLSearchParams(body.toString('utf8')));
      const action = input['Action'] ?? '';
      calls.push(action);
      const service = action === 'GetCallerIdentity' ? 'sts' : 'iam';
      const { method = '', url: target = '/', rawHeaders } = request;
      const verdict = verify[service]({ method, target, rawHeaders, body });
      const result = verdict.ok
        ? answer(action, input, options)
        : { status: 403, code: verdict.errorType, message: verdict.body };
      send(response, action, result);
    });
  });
  return { ...(await listen(server)), calls };
}

function answer(action: string, input: Input, { roles = {}, denied = [] }: FakeIamOptions) {
  if (denied.includes(action)) {
    return { status: 403, code: 'AccessDenied', message: `not authorized to perform ${action}` };
  }
  if (action === 'GetCallerIdentity') return `<Account>${account}</Account><UserId>U</UserId>`;
  const name = input['RoleName'] ?? input['PolicySourceArn']?.split('/').at(-1) ?? '';
  const role = roles[name];
  if (!role) {
    const message = `The role with name ${name} cannot be found.`;
    return { status: 404, code: 'NoSuchEntity', message };
  }
  switch (action) {
    case 'GetRole':
      return toRole(name);
    case 'SimulatePrincipalPolicy':
      return simulate(role, input);
    default:
      return { status: 400, code: 'InvalidAction', message: `no action ${action}` };
  }
}

function toRole(name: string): string {
  return `<Role><Path>/</Path><RoleName>${name}</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>arn:aws:iam::${account}:role/${name}</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></Role>`;
}

/** Simulates one action on one resource, with the given condition keys. */
function simulate({ inline }: FakeRole, input: Input): string {
  const action = input['ActionNames.member.1'] ?? '';
  const resource = input['ResourceArns.member.1'] ?? '*';
  const known = new Map<string, string>();
  for (let entry = 1; input[`ContextEntries.member.${entry}.ContextKeyName`]; entry += 1) {
    const key = `ContextEntries.member.${entry}`;
    const value = input[`${key}.ContextKeyValues.member.1`] ?? '';
    known.set(input[`${key}.ContextKeyName`] ?? '', value);
  }
  const isAbout = ({ Action, Resource, Condition = {} }: Statement) =>
    [Action].flat().some((pattern) => isLike(pattern, action)) &&
    [Resource].flat().some((pattern) => isLike(pattern, resource)) &&
    Object.values(Condition)
      .flatMap((keys) => Object.entries(keys))
      .every(([key, value]) => known.get(key) === String(value));
  const about = Object.values(inline ?? {})
    .flatMap(({ Statement }) => Statement)
    .filter(isAbout);
  const isDenied = about.some(({ Effect }) => Effect === 'Deny');
  const decision = isDenied ? 'explicitDeny' : about.length > 0 ? 'allowed' : 'implicitDeny';
  return `<EvaluationResults><member><EvalActionName>${action}</EvalActionName><EvalResourceName>${resource}</EvalResourceName><EvalDecision>${decision}</EvalDecision><MatchedStatements/><MissingContextValues/></member></EvaluationResults><IsTruncated>false</IsTruncated>`;
}

function isLike(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return rest.length === 0
    ? text === pattern
    : pattern.endsWith('*') || text.endsWith(rest.at(-1) ?? '');
}

function send(response: ServerResponse, action: string, result: string | Refusal): void {
  response.setHeader('content-type', 'text/xml');
  const namespace = 'https://iam.amazonaws.com/doc/2010-05-08/';
  if (typeof result === 'string') {
    response.end(
      `<${action}Response xmlns="${namespace}"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
    );
    return;
  }
  const { status, code, message } = result;
  response
    .writeHead(status)
    .end(
      `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    );
}
