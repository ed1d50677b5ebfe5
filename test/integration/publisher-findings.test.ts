/** The built publisher, told of changes in the words of EventBridge. */
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import { functionUrlHost } from '../support/builders.ts';
import { guardedRoute as route, usePublisher } from '../support/publication.ts';
import { type Publisher, topicArn } from '../support/publisher.ts';

let publisher: Publisher;
const start = usePublisher((started) => {
  publisher = started;
});
const openRoute = (uri: string) => ({
  uri,
  plugins: { 'aws-lambda': { function_uri: `https://${functionUrlHost}/` } },
});

describe('a route document', () => {
  test.each(['Create', 'Update'])(
    'that is valid is said to be in force (%s)',
    async (operation) => {
      await start();
      publisher.put('routes/orders', route('/orders/*'));

      await publisher.deliver(operation, 'routes/orders');

      expect(await publisher.only()).toMatchObject({
        level: 'info',
        event: 'document-accepted',
        parameter: `${root}/routes/orders`,
        version: 1,
        routes: ['orders'],
        openRoutes: [],
      });
      expect(publisher.messages).toEqual([]);
    },
  );

  test('that is refused is named, with the place, what was found and expected, and what stays in force', async () => {
    await start();
    publisher.put('routes/orders', route('/orders/*'));
    publisher.put('routes/orders', route('/orders/*', { timeout: 'soon' }));

    await publisher.deliver('Update', 'routes/orders');

    expect(await publisher.only()).toMatchObject({
      level: 'error',
      event: 'document-refused',
      parameter: `${root}/routes/orders`,
      version: 2,
      inForce: 1,
      issues: [{ pointer: '/plugins/aws-lambda/timeout', found: '"soon"' }],
    });
    expect(publisher.messages).toHaveLength(1);
    expect(publisher.messages[0]).toMatchObject({
      Action: 'Publish',
      TopicArn: topicArn,
      Subject: 'Countersign: refused routes/orders',
    });
    expect(publisher.messages[0]?.['Message']).toContain(
      `${root}/routes/orders\n  version 2 is REFUSED; version 1 stays in force.\n  at /plugins/aws-lambda/timeout: found "soon", expected`,
    );
  });

  test('whose first version is refused leaves nothing in force', async () => {
    await start();
    publisher.put('routes/orders', '{ "uri": ');

    await publisher.deliver('Create', 'routes/orders');

    expect(await publisher.only()).toMatchObject({
      event: 'document-refused',
      version: 1,
      inForce: null,
    });
    expect(publisher.messages[0]?.['Message']).toContain('no version is in force');
  });

  test('that holds an array is refused as a whole for one of its routes', async () => {
    await start();
    const one = { id: 'one', ...route('/one') };
    publisher.put('routes/shop', [one, { id: 'two', ...route('/two'), prioritty: 1 }]);

    await publisher.deliver('Create', 'routes/shop');

    expect(await publisher.only()).toMatchObject({
      event: 'document-refused',
      issues: [{ pointer: '/1/prioritty', found: 'an unknown field' }],
    });
  });

  test('that is an array of routes says which of them are open', async () => {
    await start();
    publisher.put('routes/shop', [
      { id: 'one', ...openRoute('/one') },
      { id: 'two', ...route('/two') },
      { id: 'off', ...openRoute('/off'), status: 0 },
    ]);

    await publisher.deliver('Create', 'routes/shop');

    expect(await publisher.only()).toMatchObject({ routes: ['one', 'two'], openRoutes: ['one'] });
    expect(publisher.messages[0]).toMatchObject({ Subject: 'Countersign: accepted routes/shop' });
    expect(publisher.messages[0]?.['Message']).toContain(
      'The route one is open: it has no access plugin.',
    );
    expect(publisher.messages[0]?.['Message']).not.toContain('two');
  });

  test('that is open is refused where the proxy demands an access plugin', async () => {
    await start({ env: { COUNTERSIGN_REQUIRE_ACCESS_PLUGIN: '1' } });
    publisher.put('routes/orders', openRoute('/orders'));

    await publisher.deliver('Create', 'routes/orders');

    expect(await publisher.only()).toMatchObject({
      event: 'document-refused',
      issues: [{ pointer: '/plugins', found: 'no plugin that refuses clients' }],
    });
  });

  test('names a host that only this proxy allows: accepted with its list, refused without', async () => {
    await start({ env: { COUNTERSIGN_ALLOWED_HOSTS: 'search.example.com' } });
    publisher.put('routes/a', route('/a', { function_uri: 'https://search.example.com/' }));
    publisher.put('routes/b', route('/b', { function_uri: 'https://other.example.com/' }));

    await publisher.deliver('Create', 'routes/a');
    await publisher.deliver('Create', 'routes/b');

    expect((await publisher.findings(2)).map(({ event }) => event)).toEqual([
      'document-accepted',
      'document-refused',
    ]);
  });

  test('with a warning is told of', async () => {
    await start();
    publisher.put('routes/orders', { ...route('/orders'), upstream: { nodes: { 'a:80': 1 } } });

    await publisher.deliver('Create', 'routes/orders');

    expect(publisher.messages[0]?.['Message']).toContain(
      'upstream is not called: aws-lambda calls an upstream of its own',
    );
  });

  test('that is deleted is told of, once a reading confirms it', async () => {
    await start();

    await publisher.deliver('Delete', 'routes/orders');

    expect(await publisher.only()).toMatchObject({ event: 'document-deleted', level: 'warn' });
    expect(publisher.messages[0]).toMatchObject({ Subject: 'Countersign: deleted routes/orders' });
    expect(publisher.calls).toEqual(['GetParameters']);
  });

  test('that was deleted before it could be read is left to the event of its deletion', async () => {
    await start();

    expect(await publisher.deliver('Update', 'routes/orders')).toMatchObject({ kind: 'buffered' });

    expect(publisher.lines()).toEqual([]);
  });
});

describe('a consumer document', () => {
  test('that is valid names its consumers and no key', async () => {
    await start();
    const alice = { username: 'alice', plugins: { 'key-auth': { key: 'MARKED-KEY' } } };
    publisher.put('consumers/alice', alice, 'SecureString');

    await publisher.deliver('Create', 'consumers/alice');

    expect(await publisher.only()).toMatchObject({
      event: 'document-accepted',
      consumers: ['alice'],
    });
    expect(publisher.text()).not.toContain('MARKED');
  });

  test('that is refused is told of without its key', async () => {
    await start();
    const alice = {
      username: 'alice',
      plugins: { 'key-auth': { key: 'MARKED-KEY', keyy: 'MARKED-2' } },
    };
    publisher.put('consumers/alice', alice, 'SecureString');

    await publisher.deliver('Create', 'consumers/alice');

    expect(await publisher.only()).toMatchObject({ event: 'document-refused' });
    expect(publisher.text() + JSON.stringify(publisher.messages)).not.toContain('MARKED');
  });
});
