/** The built document guard, told of changes in the words of EventBridge. */
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { type Guard, type GuardOptions, startGuard, topicArn } from '../support/guard.ts';

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
const openRoute = (uri: string) => ({ uri, plugins: { 'aws-lambda': { function_uri: url } } });

describe('a route document', () => {
  test.each(['Create', 'Update'])(
    'that is valid is said to be in force (%s)',
    async (operation) => {
      await start();
      guard.put('routes/orders', route('/orders/*'));

      await guard.deliver(operation, 'routes/orders');

      expect(await guard.only()).toMatchObject({
        level: 'info',
        event: 'document-accepted',
        parameter: `${root}/routes/orders`,
        version: 1,
        routes: ['orders'],
        openRoutes: [],
      });
      expect(guard.messages).toEqual([]);
    },
  );

  test('that is refused is named, with the place, what was found and expected, and what stays in force', async () => {
    await start();
    guard.put('routes/orders', route('/orders/*'));
    guard.put('routes/orders', route('/orders/*', { timeout: 'soon' }));

    await guard.deliver('Update', 'routes/orders');

    expect(await guard.only()).toMatchObject({
      level: 'error',
      event: 'document-refused',
      parameter: `${root}/routes/orders`,
      version: 2,
      inForce: 1,
      issues: [{ pointer: '/plugins/aws-lambda/timeout', found: '"soon"' }],
    });
    expect(guard.messages).toHaveLength(1);
    expect(guard.messages[0]).toMatchObject({
      Action: 'Publish',
      TopicArn: topicArn,
      Subject: 'Countersign: refused routes/orders',
    });
    expect(guard.messages[0]?.['Message']).toContain(
      `${root}/routes/orders\n  version 2 is REFUSED; version 1 stays in force.\n  at /plugins/aws-lambda/timeout: found "soon", expected`,
    );
  });

  test('whose first version is refused leaves nothing in force', async () => {
    await start();
    guard.put('routes/orders', '{ "uri": ');

    await guard.deliver('Create', 'routes/orders');

    expect(await guard.only()).toMatchObject({
      event: 'document-refused',
      version: 1,
      inForce: null,
    });
    expect(guard.messages[0]?.['Message']).toContain('no version is in force');
  });

  test('that holds an array is refused as a whole for one of its routes', async () => {
    await start();
    const one = { id: 'one', ...route('/one') };
    guard.put('routes/shop', [one, { id: 'two', ...route('/two'), prioritty: 1 }]);

    await guard.deliver('Create', 'routes/shop');

    expect(await guard.only()).toMatchObject({
      event: 'document-refused',
      issues: [{ pointer: '/1/prioritty', found: 'an unknown field' }],
    });
  });

  test('that is an array of routes says which of them are open', async () => {
    await start();
    guard.put('routes/shop', [
      { id: 'one', ...openRoute('/one') },
      { id: 'two', ...route('/two') },
      { id: 'off', ...openRoute('/off'), status: 0 },
    ]);

    await guard.deliver('Create', 'routes/shop');

    expect(await guard.only()).toMatchObject({ routes: ['one', 'two'], openRoutes: ['one'] });
    expect(guard.messages[0]).toMatchObject({ Subject: 'Countersign: accepted routes/shop' });
    expect(guard.messages[0]?.['Message']).toContain(
      'The route one is open: it has no access plugin.',
    );
    expect(guard.messages[0]?.['Message']).not.toContain('two');
  });

  test('that is open is refused where the proxy demands an access plugin', async () => {
    await start({ env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' } });
    guard.put('routes/orders', openRoute('/orders'));

    await guard.deliver('Create', 'routes/orders');

    expect(await guard.only()).toMatchObject({
      event: 'document-refused',
      issues: [{ pointer: '/plugins', found: 'no plugin that refuses clients' }],
    });
  });

  test('names a host that only this proxy allows: accepted with its list, refused without', async () => {
    await start({ env: { COUNTERSIGN_ALLOWED_HOSTS: 'search.example.com' } });
    guard.put('routes/a', route('/a', { function_uri: 'https://search.example.com/' }));
    guard.put('routes/b', route('/b', { function_uri: 'https://other.example.com/' }));

    await guard.deliver('Create', 'routes/a');
    await guard.deliver('Create', 'routes/b');

    expect((await guard.findings(2)).map(({ event }) => event)).toEqual([
      'document-accepted',
      'document-refused',
    ]);
  });

  test('with a warning is told of', async () => {
    await start();
    guard.put('routes/orders', { ...route('/orders'), upstream: { nodes: { 'a:80': 1 } } });

    await guard.deliver('Create', 'routes/orders');

    expect(guard.messages[0]?.['Message']).toContain('upstream is accepted and never connected to');
  });

  test('that is deleted is told of, and nothing is read', async () => {
    await start();

    await guard.deliver('Delete', 'routes/orders');

    expect(await guard.only()).toMatchObject({ event: 'document-deleted', level: 'warn' });
    expect(guard.messages[0]).toMatchObject({ Subject: 'Countersign: deleted routes/orders' });
    expect(guard.calls).toEqual([]);
  });

  test('that was deleted before it could be read is left to the event of its deletion', async () => {
    await start();

    expect(await guard.deliver('Update', 'routes/orders')).toMatchObject({ kind: 'buffered' });

    expect(guard.lines()).toEqual([]);
  });
});

describe('a consumer document', () => {
  test('that is valid names its consumers and no key', async () => {
    await start();
    const alice = { username: 'alice', plugins: { 'key-auth': { key: 'MARKED-KEY' } } };
    guard.put('consumers/alice', alice, 'SecureString');

    await guard.deliver('Create', 'consumers/alice');

    expect(await guard.only()).toMatchObject({ event: 'document-accepted', consumers: ['alice'] });
    expect(guard.text()).not.toContain('MARKED');
  });

  test('that is refused is told of without its key', async () => {
    await start();
    const alice = {
      username: 'alice',
      plugins: { 'key-auth': { key: 'MARKED-KEY', keyy: 'MARKED-2' } },
    };
    guard.put('consumers/alice', alice, 'SecureString');

    await guard.deliver('Create', 'consumers/alice');

    expect(await guard.only()).toMatchObject({ event: 'document-refused' });
    expect(guard.text() + JSON.stringify(guard.messages)).not.toContain('MARKED');
  });
});
