/** The built publisher: secrets outside of the path, parameters that it may not read, and readings that lag behind. */
import { secretsEvent } from '../../functions/publisher/task.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { type Publisher, startPublisher, toBatch, toChangeEvent } from '../support/publisher.ts';

let publisher: Publisher;
afterEach(() => publisher.close());

const url = 'https://abcdefghij0123456789klmnopqrst.lambda-url.eu-west-1.on.aws/';
const route = (uri: string, denylist: readonly string[] = ['bad']) => ({
  uri,
  plugins: { 'ua-restriction': { denylist }, 'aws-lambda': { function_uri: url } },
});

describe('secrets outside of the path', () => {
  const perDocument = 20;
  /** A document with as many references as one may have. */
  const greedy = (id: number) =>
    route(
      `/r${id}`,
      Array.from({ length: perDocument }, (_, index) => `$secret://ssm//shared/${id}-${index}`),
    );
  const putSecrets = (id: number) => {
    for (let index = 0; index < perDocument; index += 1) {
      const input = { Name: `/shared/${id}-${index}`, Value: 'v', Type: 'SecureString' };
      publisher.store.call('PutParameter', input);
    }
  };
  const inForce = () =>
    publisher
      .lines()
      .filter(({ event }) => event === 'document-accepted')
      .map(({ parameter }) => String(parameter).slice(`${root}/routes/`.length));

  test('are at most 200 in all documents, whatever the order in which those are written', async () => {
    publisher = await startPublisher({ env: { COUNTERSIGN_SECRET_PATHS: '/shared' } });
    for (let id = 11; id >= 0; id -= 1) {
      putSecrets(id);
      publisher.put(`routes/r${id}`, greedy(id));
      await publisher.deliver('Create', `routes/r${id}`);
    }
    // Those that came first keep theirs.
    expect(inForce()).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((id) => `r${id}`));
    const refused = publisher.lines().filter(({ event }) => event === 'document-refused');
    expect(refused.map(({ parameter }) => parameter)).toEqual([
      `${root}/routes/r1`,
      `${root}/routes/r0`,
    ]);
    expect(JSON.stringify(refused[0]?.['issues'])).toContain('200 in all documents');

    publisher.calls.length = 0;
    await publisher.invoke(secretsEvent);
    expect(publisher.calls).toEqual(Array.from({ length: 20 }, () => 'GetParameters'));
    expect(publisher.lines()).toHaveLength(12);

    publisher.remove('routes/r5');
    await publisher.deliver('Delete', 'routes/r5');
    await publisher.invoke(secretsEvent);
    expect(inForce().at(-1)).toBe('r0');
  });
});

test('a document that Parameter Store refuses to show is told of, and is back when it shows it', async () => {
  const deniedNames = new Set<string>();
  publisher = await startPublisher({ store: { deniedNames } });
  publisher.put('routes/orders', route('/orders'));
  await publisher.reconcile();
  deniedNames.add(`${root}/routes/orders`);
  publisher.put('routes/orders', route('/orders', ['worse']));

  await publisher.deliver('Update', 'routes/orders');
  await publisher.deliver('Update', 'routes/orders');

  expect(publisher.lines()[0]).toMatchObject({
    event: 'document-refused',
    parameter: `${root}/routes/orders`,
    inForce: 1,
    issues: [{ found: 'a parameter that may not be read' }],
  });
  deniedNames.clear();
  const { length } = publisher.lines();
  await publisher.invoke({});
  expect(publisher.lines()[length]).toMatchObject({ event: 'document-accepted', version: 2 });
});

describe('a reading that is older than its event', () => {
  const startMs = Date.UTC(2026, 4, 22, 16, 43, 0);
  const at = (event: Record<string, unknown>, ms: number) => ({
    ...event,
    time: new Date(ms).toISOString(),
  });

  test('is made again until it has the change', async () => {
    let nowMs = startMs;
    let isBehind = false;
    publisher = await startPublisher({
      store: {
        now: () => new Date(nowMs),
        intercept: (operation) => {
          if (isBehind && operation === 'GetParameters') {
            isBehind = false;
            // Seen by the next reading.
            setImmediate(() => publisher.put('routes/orders', route('/orders', ['worse'])));
          }
          return undefined;
        },
      },
    });
    publisher.put('routes/orders', route('/orders'));
    await publisher.reconcile();
    nowMs += 60_000;
    isBehind = true;
    const event = toChangeEvent('Update', `${root}/routes/orders`);
    await publisher.invoke(at(event, nowMs));

    expect(await publisher.only()).toMatchObject({ event: 'document-accepted', version: 2 });
    expect(publisher.calls.filter((call) => call === 'GetParameters')).toHaveLength(2);
  });

  test('has its message come again, and not for ever', async () => {
    publisher = await startPublisher({ store: { now: () => new Date(startMs) } });
    publisher.put('routes/orders', route('/orders'));
    await publisher.reconcile();
    const body = at(toChangeEvent('Delete', `${root}/routes/orders`), startMs + 60_000);
    const record = (messageId: string, count: string) => ({
      ...{ messageId, body: JSON.stringify(body), eventSource: 'aws:sqs' },
      attributes: { ApproximateReceiveCount: count },
    });
    const answer = await publisher.invoke({ Records: [record('first', '1'), record('last', '3')] });

    expect(answer).toMatchObject({ kind: 'buffered' });
    const { payload } = answer as { payload: Buffer };
    expect(JSON.parse(payload.toString('utf8'))).toMatchObject({
      batchItemFailures: [{ itemIdentifier: 'first' }],
    });
    expect(publisher.lines()).toEqual([]);
  });
});

test('secrets that change together are read once for each document, however many it refers to', async () => {
  publisher = await startPublisher();
  const names = Array.from({ length: 40 }, (_, index) => `secrets/s${index}`);
  const write = (value: string) => {
    for (const name of names) {
      const input = {
        Name: `${root}/${name}`,
        Value: value,
        Type: 'SecureString',
        Overwrite: true,
      };
      publisher.store.call('PutParameter', input);
    }
  };
  write('bad');
  const list = names.map((_, index) => `$secret://ssm/s${index}`);
  publisher.put('routes/orders', route('/orders', list));
  await publisher.reconcile();
  write('worse');
  publisher.calls.length = 0;
  const events = names.map((name) => toChangeEvent('Update', `${root}/${name}`));

  await publisher.invoke(toBatch(events));

  // One call for the document, and four for its forty secrets.
  expect(publisher.calls.filter((call) => call === 'GetParameters').length).toBeLessThan(10);
  const told = publisher.lines().filter(({ parameter }) => parameter === `${root}/routes/orders`);
  expect(told).toEqual([
    expect.objectContaining({ event: 'document-accepted', secret: `${root}/secrets/s0` }),
  ]);
});
