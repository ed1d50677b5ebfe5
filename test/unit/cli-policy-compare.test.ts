import { comparePolicies, matches, type RolePolicy } from '../../cli/policy/compare.ts';
import type { Need } from '../../cli/policy/need.ts';

const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:orders';
const invokeUrl: Need = {
  action: 'lambda:InvokeFunctionUrl',
  resources: [arn],
  conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
  routes: ['orders'],
};
const api = 'arn:aws:execute-api:eu-west-1:123456789012:abc';
const invokeApi: Need = {
  action: 'execute-api:Invoke',
  resources: [`${api}/prod/GET/orders/*`, `${api}/$default/GET/prod/orders/*`],
  conditions: {},
  routes: ['api'],
};

function toPolicy(...statements: object[]): RolePolicy[] {
  return [{ name: 'p', document: { Statement: statements } }];
}

const allowUrl = {
  Effect: 'Allow',
  Action: 'lambda:InvokeFunctionUrl',
  Resource: arn,
  Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
};

function compare(needs: readonly Need[], policies: readonly RolePolicy[]) {
  const { missing, unclear, superfluous, wide } = comparePolicies(needs, policies);
  return {
    missing: missing.map(({ need, reason }) => `${need.action}: ${reason}`),
    unclear: unclear.map(({ need, reason }) => `${need.action}: ${reason}`),
    superfluous: superfluous.map(({ action, resource }) => `${action} ${resource}`),
    wide: wide.map(({ action, resource }) => `${action} ${resource}`),
  };
}

const nothing = { missing: [], unclear: [], superfluous: [], wide: [] };

it('finds nothing to say about exactly what is needed', () => {
  expect(compare([invokeUrl], toPolicy(allowUrl))).toEqual(nothing);
});

describe('missing is', () => {
  it.each<[string, object[]]>([
    ['what no statement allows', []],
    ['what is allowed on another resource', [{ ...allowUrl, Resource: `${arn}2` }]],
    ['what is allowed by another action', [{ ...allowUrl, Action: 'lambda:InvokeFunction' }]],
  ])('%s', (_, statements) => {
    expect(compare([invokeUrl], toPolicy(...statements)).missing).toEqual([
      'lambda:InvokeFunctionUrl: no statement allows it',
    ]);
  });

  it('what is denied, whatever allows it', () => {
    const deny = { Effect: 'Deny', Action: 'lambda:*', Resource: '*' };

    expect(compare([invokeUrl], toPolicy(allowUrl, deny)).missing).toEqual([
      'lambda:InvokeFunctionUrl: p denies it',
    ]);
  });
});

describe('granted is', () => {
  it.each<[string, object]>([
    ['a list', { ...allowUrl, Action: ['x:Y', 'lambda:InvokeFunctionUrl'], Resource: ['z', arn] }],
    ['a wildcard', { ...allowUrl, Action: 'lambda:Invoke*', Resource: `${arn.slice(0, -3)}*` }],
    ['another case of the action', { ...allowUrl, Action: 'Lambda:invokefunctionurl' }],
    ['a statement without condition', { ...allowUrl, Condition: undefined }],
    [
      'a condition with a list',
      {
        ...allowUrl,
        Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': ['NONE', 'AWS_IAM'] } },
      },
    ],
  ])('%s', (_, statement) => {
    expect(compare([invokeUrl], toPolicy(statement))).toMatchObject({ missing: [], unclear: [] });
  });

  it('a truth value written as text', () => {
    const need = {
      ...invokeUrl,
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
    };
    const Condition = { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } };

    expect(compare([need], toPolicy({ ...allowUrl, Condition }))).toEqual(nothing);
  });

  it('one of the readings of an API’s path', () => {
    const statement = {
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: `${api}/$default/GET/prod/orders/*`,
    };

    expect(compare([invokeApi], toPolicy(statement))).toEqual(nothing);
  });
});

describe('unclear is', () => {
  it.each<[string, object[]]>([
    [
      'what hangs on a condition that is not known to hold',
      [{ ...allowUrl, Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } }],
    ],
    [
      'what hangs on the wrong value of a known one',
      [{ ...allowUrl, Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } }],
    ],
    ['an Allow with NotResource', [{ Effect: 'Allow', Action: 'lambda:*', NotResource: 'x' }]],
  ])('%s', (_, statements) => {
    expect(compare([invokeUrl], toPolicy(...statements))).toMatchObject({
      missing: [],
      unclear: ['lambda:InvokeFunctionUrl: p may allow it, by a condition'],
    });
  });

  it('a denial under a condition', () => {
    const deny = { Effect: 'Deny', Action: '*', Resource: '*', Condition: { Bool: { x: 'true' } } };

    expect(compare([invokeUrl], toPolicy(allowUrl, deny)).unclear).toEqual([
      'lambda:InvokeFunctionUrl: p may deny it',
    ]);
  });
});

describe('beyond what is needed', () => {
  it('tells what no route needs from what is too wide', () => {
    const statements = [
      allowUrl,
      { Effect: 'Allow', Action: ['lambda:InvokeFunction', 'lambda:*'], Resource: arn },
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' },
    ];

    expect(compare([invokeUrl], toPolicy(...statements))).toMatchObject({
      superfluous: [`lambda:InvokeFunction ${arn}`, 'sts:AssumeRole *'],
      wide: [`lambda:* ${arn}`],
    });
  });

  it('does not judge what the role may do elsewhere', () => {
    const logs = { Effect: 'Allow', Action: ['logs:PutLogEvents', 'xray:*'], Resource: '*' };

    expect(compare([invokeUrl], toPolicy(allowUrl, logs))).toEqual(nothing);
  });

  it('takes reading the parameters of the tree one by one for reading the tree', () => {
    const root = 'arn:aws:ssm:eu-west-1:123456789012:parameter/countersign/prod';
    const needs = ['ssm:GetParametersByPath', 'ssm:GetParameterHistory'].map((action) => ({
      ...{ action, resources: [root, `${root}/*`] },
      ...{ conditions: {}, routes: [] },
    }));
    const Action = [...needs.map(({ action }) => action), 'ssm:GetParameter', 'ssm:GetParameters'];
    const statement = { Effect: 'Allow', Action, Resource: [root, `${root}/*`] };

    expect(compare(needs, toPolicy(statement))).toEqual(nothing);
  });
});

it.each([
  ['*', 'anything', true],
  ['a:b*', 'a:bc', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a.c', 'abc', false],
  ['a/*/c', 'a/*/c', true],
  ['a/x/c', 'a/*/c', false],
  ['a/$default/*', 'a/$default/GET', true],
])('the pattern %s takes in %s: %s', (pattern, text, is) => {
  expect(matches(pattern, text)).toBe(is);
});
