/** `secretPaths` decides what documents may refer to, what the role may read, and what synth lets through. */
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SigningProxy, type SigningProxyProps } from '../../lib/index.ts';
import { createApp, findOnly, type Json, readResources, readStatements } from './synth-app.ts';

const parameterPath = '/countersign/prod';
const paths = ['/shared/partners', '/aws/reference/secretsmanager/orders/'];

function createStack(toProps: (stack: Stack) => SigningProxyProps = () => ({})) {
  const stack = new Stack(createApp(), 'Host', {
    env: { account: '111122223333', region: 'eu-west-1' },
  });
  const proxy = new SigningProxy(stack, 'Proxy', { parameterPath, ...toProps(stack) });
  return { stack, proxy };
}

/** Beginning of the ids of who reads the documents. */
const readers = { 'the publisher': 'ProxyPublisher', 'the proxy in direct mode': 'Proxy' } as const;

const variablesOf = (template: Template, name: string) =>
  (
    findOnly(template, 'AWS::Lambda::Function', name).Properties as {
      Environment: { Variables: Record<string, Json> };
    }
  ).Environment.Variables;

describe.each(Object.entries(readers))('with paths of secrets %s', (_, name) => {
  const { stack } = createStack(() => ({
    secretPaths: paths,
    envPrefix: 'STAGE_',
    ...(name === 'Proxy' && { snapshot: false }),
  }));
  const template = Template.fromStack(stack);

  test('is told which they are', () => {
    expect(variablesOf(template, `${name}Function`)).toMatchObject({
      COUNTERSIGN_SECRET_PATHS: paths.join(','),
      COUNTERSIGN_ENV_PREFIX: 'STAGE_',
    });
  });

  test('may read secrets below them, and nothing else', () => {
    const own = readStatements(template, `${name}Role`).filter(({ Sid }) =>
      /^Read.*Secrets$/.test(String(Sid)),
    );
    expect(own.map((statement) => [statement.Action, readResources(statement)])).toEqual([
      [
        'ssm:GetParameters',
        [
          'arn:aws:ssm:eu-west-1:111122223333:parameter/aws/reference/secretsmanager/orders',
          'arn:aws:ssm:eu-west-1:111122223333:parameter/aws/reference/secretsmanager/orders/*',
          'arn:aws:ssm:eu-west-1:111122223333:parameter/shared/partners',
          'arn:aws:ssm:eu-west-1:111122223333:parameter/shared/partners/*',
        ],
      ],
      [
        'secretsmanager:GetSecretValue',
        [
          'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-??????',
          'arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders/*',
        ],
      ],
    ]);
  });
});

test('the key of the documents may also decrypt secrets below the paths', () => {
  const { stack } = createStack((scope) => ({
    secretPaths: ['/shared'],
    encryptionKey: new Key(scope, 'Key'),
  }));
  const statement = readStatements(Template.fromStack(stack), 'ProxyPublisherRole').find(
    ({ Sid }) => Sid === 'DecryptDocuments',
  );
  expect(JSON.stringify(statement?.Condition)).toMatch(
    /parameter\/countersign\/prod\/\*.*parameter\/shared".*parameter\/shared\/\*"/,
  );
});

test('without paths nothing is set, and nothing more may be read', () => {
  const { stack } = createStack();
  const template = Template.fromStack(stack);
  for (const name of ['ProxyPublisher', 'Proxy']) {
    expect(variablesOf(template, `${name}Function`)).not.toHaveProperty('COUNTERSIGN_SECRET_PATHS');
    expect(JSON.stringify(readStatements(template, `${name}Role`))).not.toContain('ReadSecrets');
  }
});

test.each([
  ['/', 'absolute paths such as /shared/partners'],
  ['shared', 'absolute paths such as /shared/partners'],
  ['/shared/*', 'absolute paths such as /shared/partners'],
  ['/a,/b', 'one absolute path in each text'],
  ['/countersign', 'a path that has no documents in it'],
  ['/countersign/prod/consumers', 'a path that has no documents in it'],
  ['/aws/reference/secretsmanager', '/aws/reference/secretsmanager/<name>: not every secret'],
])('the path %s is refused at synth', (path, expected) => {
  expect(() => createStack(() => ({ secretPaths: [path] }))).toThrow(
    `secretPaths has ${JSON.stringify(path)}; expected ${expected}`,
  );
});

test('an empty prefix of variables is refused at synth', () => {
  expect(() => createStack(() => ({ envPrefix: '' }))).toThrow('envPrefix has "an empty text');
});

const referring = (apikey: string) => ({
  uri: '/x',
  plugins: {
    'aws-lambda': {
      function_uri: 'https://abc123.execute-api.eu-west-1.amazonaws.com/prod',
      authorization: { apikey },
    },
  },
});

test.each([
  ['$secret://ssm//countersign/prod/consumers/ann', 'only /countersign/prod/secrets/ holds any'],
  ['$secret://ssm//other/key', 'what COUNTERSIGN_SECRET_PATHS (secretPaths) lists'],
  ['$secret://ssm/../consumers/ann', 'the name of a parameter'],
  ['$env://PATH', 'begins with COUNTERSIGN_VAR_ (COUNTERSIGN_ENV_PREFIX)'],
])('a route that refers to %s is refused at synth', (reference, expected) => {
  const { proxy } = createStack(() => ({ secretPaths: ['/shared'] }));
  expect(() => proxy.addRoute('x', referring(reference))).toThrow(expected);
});

test.each(['$secret://ssm/key', '$secret://ssm//shared/key', '$env://COUNTERSIGN_VAR_KEY'])(
  'a route that refers to %s passes',
  (reference) => {
    const { proxy } = createStack(() => ({ secretPaths: ['/shared'] }));
    expect(() => proxy.addRoute('x', referring(reference))).not.toThrow();
  },
);

test('the publisher knows which secret is the edge’s, and reads it in the proxy’s stead', () => {
  const { stack } = createStack(() => ({ edge: {} }));
  const template = Template.fromStack(stack);
  expect(variablesOf(template, 'ProxyPublisherFunction')['COUNTERSIGN_ORIGIN_SECRET']).toEqual(
    variablesOf(template, 'ProxyFunction')['COUNTERSIGN_ORIGIN_SECRET'],
  );
  expect(JSON.stringify(readStatements(template, 'ProxyPublisherRole'))).toContain(
    'ReadOriginSecret',
  );
  expect(JSON.stringify(readStatements(template, 'ProxyRole'))).not.toMatch(/secretsmanager|ssm:/);
});
