/** Two proxies that would read each other's documents are refused when the app is synthesised. */
import { App, CfnParameter, Stack, type StackProps, Stage } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { CountersignStack, SigningProxy } from '../../lib/index.ts';
import { createApp } from './synth-app.ts';

function addProxy(scope: Construct, id: string, parameterPath: string, props: StackProps = {}) {
  return new SigningProxy(new Stack(scope, id, props), 'Proxy', { parameterPath });
}

test.each([
  ['/a', '/a', 'is the same as'],
  ['/a', '/a/b', 'is inside or around'],
  ['/a/b', '/a', 'is inside or around'],
  ['/a', '/a/routes', 'is inside or around'],
])(
  'the paths %s and %s of one app are refused, with both constructs',
  (first, second, relation) => {
    const app = createApp();
    addProxy(app, 'One', first);
    expect(() => addProxy(app, 'Two', second)).toThrow(
      `parameterPath "${second}" of Two/Proxy ${relation} "${first}" of One/Proxy`,
    );
  },
);

test('so are two in one stack, also by their default paths', () => {
  const stack = new CountersignStack(createApp(), 'Prod');
  expect(() => new SigningProxy(stack, 'Second')).toThrow(
    '"/countersign/Prod/Second" of Prod/Second is inside or around "/countersign/Prod" of Prod/Proxy',
  );
});

test.each([
  ['/a', '/ab'],
  ['/a/b', '/a/c'],
])('the paths %s and %s are separate', (first, second) => {
  const app = createApp();
  addProxy(app, 'One', first);
  expect(() => addProxy(app, 'Two', second)).not.toThrow();
});

test('paths that are known only at deployment pass', () => {
  const app = createApp();
  const stack = new Stack(app, 'One');
  const path = new CfnParameter(stack, 'Path').valueAsString;
  new SigningProxy(stack, 'Proxy', { parameterPath: path });
  expect(() => new SigningProxy(stack, 'Other', { parameterPath: path })).not.toThrow();
});

test('one path in two Regions, accounts or apps is two paths', () => {
  const app = createApp();
  const env = { account: '111122223333', region: 'eu-west-1' };
  addProxy(app, 'One', '/a', { env });
  addProxy(app, 'Two', '/a', { env: { ...env, region: 'us-east-1' } });
  addProxy(app, 'Three', '/a', { env: { ...env, account: '444455556666' } });
  addProxy(new App(), 'Four', '/a', { env });
  expect(() => addProxy(app, 'Five', '/a', { env })).toThrow('of One/Proxy');
});

test('stages that do not say where they go may be deployed to different places', () => {
  const app = createApp();
  addProxy(new Stage(app, 'Beta'), 'Edge', '/a');
  expect(() => addProxy(new Stage(app, 'Prod'), 'Edge', '/a')).not.toThrow();

  const env = { account: '111122223333', region: 'eu-west-1' };
  addProxy(new Stage(app, 'North', { env }), 'Edge', '/a');
  expect(() => addProxy(new Stage(app, 'South', { env }), 'Edge', '/a')).toThrow(
    'North/Edge/Proxy',
  );
});
