import { type NeedsContext, toNeeds, toPolicyDocument } from '../../cli/policy/needs.ts';
import { type RouteUpstream, toCalls } from '../../cli/rehearsal/upstreams.ts';
import { apiHost, functionUrlHost, toRoute, toTarget } from '../support/builders.ts';
import { rules } from '../support/documents.ts';

const functionArn = 'arn:aws:lambda:eu-west-1:123456789012:function:orders';
const context: NeedsContext = {
  region: 'eu-west-1',
  account: '123456789012',
  rules: {
    ...rules,
    root: '/countersign/prod',
    secretPaths: ['/shared', '/aws/reference/secretsmanager/db'],
  },
  texts: [],
  keyArns: [],
  functions: new Map([[functionUrlHost, functionArn]]),
};

interface UpstreamParts {
  readonly uri?: string;
  readonly uris?: readonly string[];
  readonly methods?: readonly string[];
  readonly functionUri?: string;
  readonly signing?: Partial<RouteUpstream['signing']> | undefined;
}

function toUpstream({ functionUri, signing = {}, ...route }: UpstreamParts): RouteUpstream {
  const target = toTarget(functionUri, '127.0.0.1,x.vpce.amazonaws.com,api.example.com');
  const scope = {
    service: target.endpointService ?? 'execute-api',
    region: target.endpointRegion ?? 'eu-west-1',
  };
  const written = { ...toRoute({ id: 'r', ...route }), version: 1, written: {} };
  const signed = { scope, signer: 'execution role' as const, roleArn: undefined, ...signing };
  return { route: written, target, signing: signed, ...toCalls(written) };
}

function statementsOf(upstream: UpstreamParts, parts: Partial<NeedsContext> = {}) {
  const { role } = toNeeds([toUpstream(upstream)], { ...context, ...parts });
  const invoking = role.filter(({ action }) => /^(lambda|execute-api|sts)/.test(action));
  return invoking.map(({ action, resources }) => [action, ...resources]);
}

it('takes no character of a path for a wildcard', () => {
  const functionUri = `https://${apiHost}/*/b$c`;

  expect(statementsOf({ functionUri, methods: ['GET'], uri: '/a' })[0]?.[1]).toMatch(
    /:[^:/]+\/\$\{\*\}\/GET\/b\$\{\$\}c$/,
  );
});

it('reads documents with every call that the runtime makes of Parameter Store, and no other', () => {
  const root = 'arn:aws:ssm:eu-west-1:123456789012:parameter/countersign/prod';

  expect(toNeeds([], context).role.map(({ action, resources }) => [action, ...resources])).toEqual([
    ['ssm:GetParametersByPath', root, `${root}/*`],
    ['ssm:GetParameterHistory', `${root}/*`],
  ]);
});

it('reads the secrets elsewhere that documents name, and decrypts with the keys of their own', () => {
  const texts = [
    '{"a":"$secret://ssm//shared/key","b":"$secret://ssm//aws/reference/secretsmanager/db/pw"}',
    '{"a":"$secret://ssm//shared/key","b":"$secret://ssm//unlisted/key"}',
  ];
  const key = 'arn:aws:kms:eu-west-1:123456789012:key/k';
  const { role } = toNeeds([], { ...context, texts, keyArns: [key] });

  expect(role.slice(2).map(({ action, resources }) => [action, ...resources])).toEqual([
    ['ssm:GetParameters', 'arn:aws:ssm:eu-west-1:123456789012:parameter/shared/key'],
    [
      'ssm:GetParameters',
      'arn:aws:ssm:eu-west-1:123456789012:parameter/aws/reference/secretsmanager/db/pw',
    ],
    [
      'secretsmanager:GetSecretValue',
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/pw-??????',
    ],
    ['kms:Decrypt', key],
  ]);
});

it.each([
  ['limits', 'arn:aws:dynamodb:eu-west-1:123456789012:table/limits'],
  ['arn:aws:dynamodb:eu-west-1:1:table/theirs', 'arn:aws:dynamodb:eu-west-1:1:table/theirs'],
])('counts limits in the table %s', (table, arn) => {
  const limits = { table, routes: ['r'] };

  expect(toNeeds([], { ...context, limits }).role.slice(2)).toEqual([
    { action: 'dynamodb:UpdateItem', resources: [arn], conditions: {}, routes: ['r'] },
  ]);
  expect(toNeeds([], { ...context, limits: { table, routes: [] } }).role).toHaveLength(2);
});

it('calls a function URL by two statements, each with its own condition', () => {
  const { role } = toNeeds([toUpstream({})], context);

  expect(toPolicyDocument(role.slice(2))).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunctionUrl',
        Resource: functionArn,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
      },
      {
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: functionArn,
        Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
      },
    ],
  });
});

describe('an API of API Gateway', () => {
  const api = 'arn:aws:execute-api:us-east-1:123456789012:abc1234567';

  it.each<[string, UpstreamParts, string[][]]>([
    [
      'exact',
      { uri: '/o', methods: ['GET'], functionUri: `https://${apiHost}/prod/orders` },
      [[`${api}/prod/GET/orders`, `${api}/$default/GET/prod/orders`]],
    ],
    [
      'prefix, and a statement for each method',
      { uri: '/o/*', methods: ['GET', 'PUT'], functionUri: `https://${apiHost}/prod/orders/` },
      [
        [`${api}/prod/GET/orders/*`, `${api}/$default/GET/prod/orders/*`],
        [`${api}/prod/PUT/orders/*`, `${api}/$default/PUT/prod/orders/*`],
      ],
    ],
    [
      'the client says the stage',
      { uri: '/o/*', functionUri: `https://${apiHost}/` },
      [[`${api}/*/*/*`]],
    ],
    ['the root', { uri: '/o', functionUri: `https://${apiHost}/` }, [[`${api}/$default/*/`]]],
    [
      'both exact and prefix',
      { uris: ['/o', '/o/*'], functionUri: `https://${apiHost}/prod` },
      [
        [`${api}/prod/*/`, `${api}/$default/*/prod`],
        [`${api}/prod/*/*`, `${api}/$default/*/prod/*`],
      ],
    ],
    [
      'private, named with its endpoint',
      {
        uri: '/o',
        functionUri: 'https://abc1234567-vpce-0a1b.execute-api.us-east-1.amazonaws.com/prod/x',
      },
      [[`${api}/prod/*/x`, `${api}/$default/*/prod/x`]],
    ],
  ])('%s', (_, upstream, expected) => {
    expect(statementsOf(upstream)).toEqual(expected.map((arns) => ['execute-api:Invoke', ...arns]));
  });
});

it('gives what an assumed role does to that role, and to ours the assuming', () => {
  const roleArn = 'arn:aws:iam::210987654321:role/caller';
  const upstream = toUpstream({ signing: { signer: 'assumed role', roleArn } });
  const needs = toNeeds([upstream], context);

  expect(needs.role.slice(2)).toEqual([
    { action: 'sts:AssumeRole', resources: [roleArn], conditions: {}, routes: ['r'] },
  ]);
  expect([...needs.assumed].map(([arn, own]) => [arn, own.map(({ action }) => action)])).toEqual([
    [roleArn, ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction']],
  ]);
});

it('asks nothing for routes that do not sign, or sign with keys of their own', () => {
  const unsigned = { ...toUpstream({}), signing: undefined };

  expect(toNeeds([unsigned], context).role).toHaveLength(2);
  expect(statementsOf({ signing: { signer: 'static keys' } })).toEqual([]);
});

it('says once what several routes need, with their names', () => {
  const upstreams = ['a', 'b', 'a'].map((id) => {
    const upstream = toUpstream({});
    return { ...upstream, route: { ...upstream.route, id } };
  });
  const { role } = toNeeds(upstreams, context);

  expect(role.slice(2).map(({ action, routes }) => [action, routes])).toEqual([
    ['lambda:InvokeFunctionUrl', ['a', 'b']],
    ['lambda:InvokeFunction', ['a', 'b']],
  ]);
});

it.each<[string, UpstreamParts, RegExp]>([
  [
    'a function URL that nobody knows',
    { functionUri: 'https://unknown.lambda-url.eu-west-1.on.aws/' },
    /does not say whose it is/,
  ],
  ['a host of one’s own', { functionUri: 'https://api.example.com/' }, /no AWS endpoint/],
  [
    'a service without rules here',
    { signing: { scope: { service: 'es', region: 'eu-west-1' } } },
    /what the service es demands/,
  ],
])('leaves open, and says so: %s', (_, upstream, reason) => {
  const needs = toNeeds([toUpstream(upstream)], context);

  expect(needs.role).toHaveLength(2);
  expect(needs.unresolved).toEqual([
    { route: 'r', host: expect.any(String), reason: expect.stringMatching(reason) },
  ]);
});

it('writes ARNs of the partition that the region is in', () => {
  const functionUri = 'https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod/x';
  const [statement] = statementsOf({ uri: '/x', functionUri }, { region: 'cn-north-1' });

  expect(statement?.[1]).toBe('arn:aws-cn:execute-api:cn-north-1:123456789012:abc/prod/*/x');
});
