/** The built document guard: changes that are about more, or about less, than one document. */
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { readMetrics } from '../support/emf.ts';
import {
  type Guard,
  type GuardOptions,
  startGuard,
  toChangeEvent,
  topicArn,
} from '../support/guard.ts';

let guard: Guard;

const start = async (options?: GuardOptions) => {
  guard = await startGuard(options);
};

afterEach(() => guard.close());

const url = 'https://abcdefghij0123456789klmnopqrst.lambda-url.eu-west-1.on.aws/';
const route = (uri: string, awsLambda: object = {}) => ({
  uri,
  plugins: { 'key-auth': {}, 'aws-lambda': { function_uri: url, ...awsLambda } },
});

const keyed = (uri: string, name = 'key') =>
  route(uri, { authorization: { apikey: `$secret://ssm/${name}` } });

describe('a secret', () => {
  test('that is missing is named, and that the route which refers to it answers 503', async () => {
    await start();
    guard.put('routes/orders', keyed('/orders'));

    await guard.deliver('Create', 'routes/orders');

    expect(await guard.only()).toMatchObject({
      event: 'document-refused',
      issues: [
        { pointer: '/plugins/aws-lambda/authorization/apikey', found: '"$secret://ssm/key"' },
      ],
      fault: 'unfulfilled',
      inForce: null,
      unavailableRoutes: ['orders'],
    });
    expect(guard.messages[0]?.['Message']).toContain(
      'version 1 LACKS something; route orders answers 503.',
    );
  });

  test('that changes has the documents checked that refer to it, and no others', async () => {
    await start();
    guard.put('secrets/key', 'MARKED-GOOD', 'SecureString');
    guard.put('routes/relative', keyed('/relative'));
    guard.put('routes/absolute', keyed('/absolute', `${root}/secrets/key`));
    guard.put('routes/another', keyed('/another', 'key2'));
    guard.put('secrets/key', 'MARKED\nBAD', 'SecureString');

    await guard.deliver('Update', 'secrets/key');

    const secret = `${root}/secrets/key`;
    const lines = await guard.findings(2);
    const found = lines.map(({ event, parameter, secret: of }) => [event, parameter, of]);
    expect(found.sort()).toEqual([
      ['document-refused', `${root}/routes/absolute`, secret],
      ['document-refused', `${root}/routes/relative`, secret],
    ]);
    expect(guard.messages).toHaveLength(1);
    expect(guard.messages[0]).toMatchObject({
      Subject: 'Countersign: refused routes/absolute and 1 more',
    });
    expect(guard.text() + JSON.stringify(guard.messages)).not.toContain('MARKED');
  });

  test('that is deleted is told of, with the documents that lose by it', async () => {
    await start();
    guard.put('secrets/key', 'k', 'SecureString');
    guard.put('routes/orders', keyed('/orders'));
    guard.remove('secrets/key');

    await guard.deliver('Delete', 'secrets/key');

    expect((await guard.findings(2)).map(({ event }) => event)).toEqual([
      'document-deleted',
      'document-refused',
    ]);
    expect(guard.messages).toHaveLength(1);
  });

  test('that no document refers to yet is nobody’s business', async () => {
    await start();
    guard.put('secrets/key', 'k', 'SecureString');

    await guard.deliver('Create', 'secrets/key');

    expect(await guard.only()).toMatchObject({ event: 'document-unused', level: 'info' });
    expect(guard.messages).toEqual([]);
  });
});

test('a parameter beside routes, consumers and secrets is a mistake that is told of', async () => {
  await start();
  guard.put('route/orders', route('/orders'));

  await guard.deliver('Create', 'route/orders');

  expect(await guard.only()).toMatchObject({
    event: 'document-stray',
    parameter: `${root}/route/orders`,
  });
  expect(guard.messages[0]?.['Message']).toContain(
    'its name is not below routes/, consumers/ or secrets/',
  );
});

test('a burst of edits costs each a call or two, however many documents there are', async () => {
  await start();
  guard.put('secrets/key', 'k', 'SecureString');
  for (let index = 0; index < 60; index += 1) guard.put(`routes/r${index}`, route(`/r${index}`));
  for (let index = 0; index < 5; index += 1) guard.put(`routes/bad${index}`, { uri: index });

  const edited = [...Array(20).keys()].map((index) => (index < 5 ? `bad${index}` : `r${index}`));
  await Promise.all(edited.map((id) => guard.deliver('Update', `routes/${id}`)));

  expect(guard.calls).toEqual(edited.map(() => 'GetParameterHistory'));
  expect(guard.messages).toHaveLength(5);
  expect(await guard.findings(20)).toHaveLength(20);
});

test.each([
  ['a label', toChangeEvent('LabelParameterVersion', `${root}/routes/orders`)],
  ['another proxy', toChangeEvent('Update', `${root}-two/routes/orders`)],
  ['a parameter without a path', toChangeEvent('Update', 'foo')],
  ['another source', { ...toChangeEvent('Update', `${root}/routes/x`), source: 'my.app' }],
  ['no event at all', 'hello'],
  ['nothing', null],
])('%s is passed over', async (_, event) => {
  await start();
  expect(await guard.invoke(event)).toMatchObject({ kind: 'buffered' });
  expect(guard.calls).toEqual([]);
  expect(guard.messages).toEqual([]);
});

test('each finding is a metric of the proxy', async () => {
  await start();
  guard.put('routes/good', route('/good'));
  guard.put('routes/bad', { uri: 1 });
  await guard.deliver('Create', 'routes/good');
  await guard.deliver('Create', 'routes/bad');
  await guard.deliver('Delete', 'routes/gone');

  const metrics = (await guard.findings(3)).flatMap(readMetrics);
  expect(metrics.map(({ name, value, dimensions }) => [name, value, dimensions])).toEqual([
    ['acceptedDocuments', 1, { proxy: root }],
    ['refusedDocuments', 1, { proxy: root }],
    ['deletedParameters', 1, { proxy: root }],
  ]);
});

describe('what cannot be done fails the invocation, so that Lambda tries the event again', () => {
  test.each(['ThrottlingException', 'AccessDeniedException'])('%s', async (type) => {
    await start({ store: { intercept: () => ({ type, status: 400 }) } });
    expect(await guard.deliver('Update', 'routes/orders')).toMatchObject({ kind: 'error' });
    expect(guard.messages).toEqual([]);
  });

  test('a history that cannot be read: nobody is told that no version is in force', async () => {
    const isHistory = (operation: string) => operation === 'GetParameterHistory';
    const refuse = { type: 'ThrottlingException', status: 400 };
    await start({ store: { intercept: (name) => (isHistory(name) ? refuse : undefined) } });
    guard.put('routes/orders', keyed('/orders'));
    guard.put('routes/orders', { ...keyed('/orders'), prioritty: 1 });

    expect(await guard.deliver('Delete', 'secrets/key')).toMatchObject({ kind: 'error' });

    expect(guard.messages).toEqual([]);
  });

  test('a topic that refuses the message', async () => {
    await start({ snsStatus: 403 });
    expect(await guard.deliver('Delete', 'routes/orders')).toMatchObject({
      kind: 'error',
      errorMessage: `SNS answered 403 (AuthorizationError) to Publish on ${topicArn}`,
    });
    expect(await guard.only()).toMatchObject({ event: 'document-deleted' });
  });
});

test('without a topic there is the log', async () => {
  await start({ env: { COUNTERSIGN_TOPIC_ARN: '' } });
  await guard.deliver('Delete', 'routes/orders');
  expect(await guard.only()).toMatchObject({ event: 'document-deleted' });
  expect(guard.messages).toEqual([]);
});
