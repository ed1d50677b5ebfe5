/** The built publisher: changes that are about more, or about less, than one document. */
import { secretsEvent } from '../../functions/publisher/task.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { readMetrics } from '../support/emf.ts';
import { guardedRoute as route, usePublisher } from '../support/publication.ts';
import {
  bucket,
  key,
  type Publisher,
  toBatch,
  toChangeEvent,
  topicArn,
} from '../support/publisher.ts';

let publisher: Publisher;
const start = usePublisher((started) => {
  publisher = started;
});

const keyed = (uri: string, name = 'key') =>
  route(uri, { authorization: { apikey: `$secret://ssm/${name}` } });

describe('a secret', () => {
  test('that is missing is named, and that the route which refers to it answers 503', async () => {
    await start();
    publisher.put('routes/orders', keyed('/orders'));

    await publisher.deliver('Create', 'routes/orders');

    expect(await publisher.only()).toMatchObject({
      event: 'document-refused',
      issues: [
        { pointer: '/plugins/aws-lambda/authorization/apikey', found: '"$secret://ssm/key"' },
      ],
      fault: 'unfulfilled',
      inForce: null,
      unavailableRoutes: ['orders'],
    });
    expect(publisher.messages[0]?.['Message']).toContain(
      'version 1 LACKS something; route orders answers 503.',
    );
  });

  test('that changes has the documents checked that refer to it, and no others', async () => {
    await start();
    publisher.put('secrets/key', 'MARKED-GOOD', 'SecureString');
    publisher.put('routes/relative', keyed('/relative'));
    publisher.put('routes/absolute', keyed('/absolute', `${root}/secrets/key`));
    publisher.put('routes/another', keyed('/another', 'key2'));
    await publisher.reconcile();
    publisher.put('secrets/key', 'MARKED\nBAD', 'SecureString');

    await publisher.deliver('Update', 'secrets/key');

    const secret = `${root}/secrets/key`;
    const lines = await publisher.findings(2);
    const found = lines.map(({ event, parameter, secret: of }) => [event, parameter, of]);
    expect(found.sort()).toEqual([
      ['document-refused', `${root}/routes/absolute`, secret],
      ['document-refused', `${root}/routes/relative`, secret],
    ]);
    expect(publisher.messages).toHaveLength(1);
    expect(publisher.messages[0]).toMatchObject({
      Subject: 'Countersign: refused routes/absolute and 1 more',
    });
    expect(publisher.text() + JSON.stringify(publisher.messages)).not.toContain('MARKED');
  });

  test('that is deleted is told of, with the documents that lose by it', async () => {
    await start();
    publisher.put('secrets/key', 'k', 'SecureString');
    publisher.put('routes/orders', keyed('/orders'));
    await publisher.reconcile();
    publisher.remove('secrets/key');

    await publisher.deliver('Delete', 'secrets/key');

    expect((await publisher.findings(2)).map(({ event }) => event)).toEqual([
      'document-refused',
      'document-deleted',
    ]);
    expect(publisher.messages).toHaveLength(1);
  });

  test('that no document refers to yet causes no message', async () => {
    await start();
    publisher.put('secrets/key', 'k', 'SecureString');

    await publisher.deliver('Create', 'secrets/key');

    expect(await publisher.only()).toMatchObject({ event: 'document-unused', level: 'info' });
    expect(publisher.messages).toEqual([]);
  });
});

test('a parameter beside routes, consumers and secrets is a mistake that is told of', async () => {
  await start();
  publisher.put('route/orders', route('/orders'));

  await publisher.deliver('Create', 'route/orders');

  expect(await publisher.only()).toMatchObject({
    event: 'document-stray',
    parameter: `${root}/route/orders`,
  });
  expect(publisher.messages[0]?.['Message']).toContain(
    'its name is not below routes/, consumers/, secrets/, services/',
  );
});

test('a burst of edits costs a call or two for ten of them, however many documents there are', async () => {
  await start();
  publisher.put('secrets/key', 'k', 'SecureString');
  for (let index = 0; index < 60; index += 1)
    publisher.put(`routes/r${index}`, route(`/r${index}`));
  for (let index = 0; index < 5; index += 1) publisher.put(`routes/bad${index}`, { uri: index });

  const edited = [...Array(20).keys()].map((index) => (index < 5 ? `bad${index}` : `r${index}`));
  await publisher.invoke(
    toBatch(edited.map((id) => toChangeEvent('Update', `${root}/routes/${id}`))),
  );

  expect(publisher.calls).toEqual(['GetParameters', 'GetParameters']);
  expect(publisher.messages).toHaveLength(1);
  expect(await publisher.findings(20)).toHaveLength(20);
  expect(publisher.objects.versions(bucket, key)).toHaveLength(2);
});

test.each([
  ['a label', toChangeEvent('LabelParameterVersion', `${root}/routes/orders`)],
  ['another proxy', toChangeEvent('Update', `${root}-two/routes/orders`)],
  ['a parameter without a path', toChangeEvent('Update', 'foo')],
  ['a message that is no JSON', { Records: [{ eventSource: 'aws:sqs', body: 'hello' }] }],
  ['an empty batch', { Records: [] }],
])('%s is passed over', async (_, event) => {
  await start();
  expect(await publisher.invoke(event)).toMatchObject({ kind: 'buffered' });
  expect(publisher.calls).toEqual([]);
  expect(publisher.messages).toEqual([]);
});

test('each finding is a metric of the proxy', async () => {
  await start();
  publisher.put('routes/good', route('/good'));
  publisher.put('routes/bad', { uri: 1 });
  await publisher.deliver('Create', 'routes/good');
  await publisher.deliver('Create', 'routes/bad');
  await publisher.deliver('Delete', 'routes/gone');

  const metrics = (await publisher.findings(3)).flatMap(readMetrics);
  expect(metrics.map(({ name, value, dimensions }) => [name, value, dimensions])).toEqual([
    ['acceptedDocuments', 1, { proxy: root }],
    ['refusedDocuments', 1, { proxy: root }],
    ['deletedParameters', 1, { proxy: root }],
  ]);
});

describe('what cannot be done fails the invocation, so that Lambda tries the event again', () => {
  test.each(['ThrottlingException', 'AccessDeniedException'])('%s', async (type) => {
    await start({ isEmpty: false, store: { intercept: () => ({ type, status: 400 }) } });
    expect(await publisher.deliver('Update', 'routes/orders')).toMatchObject({ kind: 'error' });
    expect(publisher.messages).toEqual([]);
  });

  test('if a history cannot be read, no message says that no version is in force', async () => {
    const isHistory = (operation: string) => operation === 'GetParameterHistory';
    const refuse = { type: 'ThrottlingException', status: 400 };
    await start({ store: { intercept: (name) => (isHistory(name) ? refuse : undefined) } });
    publisher.put('routes/orders', keyed('/orders'));
    publisher.put('routes/orders', { ...keyed('/orders'), prioritty: 1 });

    expect(await publisher.deliver('Update', 'routes/orders')).toMatchObject({ kind: 'error' });

    expect(publisher.messages).toEqual([]);
  });
});

describe('a topic that refuses a message', () => {
  test.each([
    ['a change', async () => publisher.deliver('Create', 'routes/orders')],
    ['a comparison of the whole tree', async () => publisher.invoke({})],
  ])('fails no publication, and is told of %s by a later run', async (_, run) => {
    await start();
    publisher.put('routes/orders', { uri: 1 });
    publisher.topic.status = 403;

    expect(await run()).toMatchObject({ kind: 'buffered' });
    expect(publisher.text()).toContain(
      `SNS answered 403 (AuthorizationError) to Publish on ${topicArn}`,
    );
    const versions = publisher.objects.versions(bucket, key).length;
    await publisher.invoke(secretsEvent);
    expect(publisher.objects.versions(bucket, key)).toHaveLength(versions);

    publisher.topic.status = 200;
    publisher.messages.length = 0;
    await publisher.invoke(secretsEvent);
    await publisher.invoke(secretsEvent);
    expect(publisher.messages.map(({ Subject }) => Subject)).toEqual([
      'Countersign: refused routes/orders',
    ]);
  });

  test('is told of everything at once, a finding once', async () => {
    await start();
    publisher.topic.status = 500;
    for (const id of ['one', 'two', 'one']) {
      publisher.put(`routes/${id}`, { uri: id });
      await publisher.deliver('Create', `routes/${id}`);
    }
    publisher.topic.status = 200;
    publisher.messages.length = 0;
    await publisher.deliver('Delete', 'routes/three');

    expect(publisher.messages).toHaveLength(1);
    expect(publisher.messages[0]?.['Message']).toContain(`${root}/routes/three`);
    expect(publisher.messages[0]?.['Message']?.split(`${root}/routes/two`)).toHaveLength(2);
  });
});

test('without a topic there is the log', async () => {
  await start({ env: { COUNTERSIGN_TOPIC_ARN: '' } });
  await publisher.deliver('Delete', 'routes/orders');
  expect(await publisher.only()).toMatchObject({ event: 'document-deleted' });
  expect(publisher.messages).toEqual([]);
});
