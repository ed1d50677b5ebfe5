/** Which consumers may use a route, by which methods, and which routes a consumer may use. */
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const consumer = (key: string, plugins: object = {}) => ({
  plugins: { 'key-auth': { key }, ...plugins },
});
const list = (config: object) => ({ 'key-auth': {}, 'consumer-restriction': config });

describe('consumer-restriction', () => {
  let guarded: Guarded;

  beforeAll(async () => {
    guarded = await startGuarded(
      {
        white: list({ whitelist: ['jack1'] }),
        black: list({ blacklist: ['jack1'], rejected_code: 401, rejected_msg: 'not you' }),
        both: list({ whitelist: ['jack1', 'jack2'], blacklist: ['jack1'] }),
        methods: list({ allowed_by_methods: [{ user: 'jack1', methods: ['POST', 'PUT'] }] }),
        either: list({
          whitelist: ['jack1'],
          allowed_by_methods: [
            { user: 'jack1', methods: ['POST'] },
            { user: 'jack2', methods: ['GET'] },
          ],
        }),
        alone: { 'consumer-restriction': { blacklist: ['jack1'] } },
        anonymous: {
          'key-auth': { anonymous_consumer: 'anyone' },
          'consumer-restriction': { whitelist: ['jack1'] },
        },
        first: { 'key-auth': {} },
        second: { 'key-auth': {} },
        prototype: list({ whitelist: ['constructor', '__proto__'] }),
      },
      {
        consumers: {
          jack1: consumer('key-1'),
          jack2: consumer('key-2'),
          rover: consumer('key-3', {
            'consumer-restriction': { type: 'route_id', whitelist: ['first'] },
          }),
          homebody: consumer('key-4', {
            'consumer-restriction': { type: 'route_id', blacklist: ['first'] },
          }),
          anyone: { plugins: {} },
        },
      },
    );
  });

  afterAll(() => guarded.close());

  it.each([
    ['white', 'key-1', 'GET', 200],
    ['white', 'key-2', 'GET', 403],
    ['black', 'key-1', 'GET', 401],
    ['black', 'key-2', 'GET', 200],
    ['both', 'key-1', 'GET', 403],
    ['both', 'key-2', 'GET', 200],
    ['methods', 'key-1', 'POST', 200],
    ['methods', 'key-1', 'PUT', 200],
    ['methods', 'key-1', 'GET', 403],
    ['methods', 'key-1', 'HEAD', 403],
    ['methods', 'key-2', 'GET', 200],
    ['either', 'key-1', 'GET', 200],
    ['either', 'key-2', 'GET', 403],
    ['first', 'key-3', 'GET', 200],
    ['second', 'key-3', 'GET', 403],
    ['first', 'key-4', 'GET', 403],
    ['second', 'key-4', 'GET', 200],
    ['prototype', 'key-1', 'GET', 403],
  ])('on %s, %s may %s: %s', async (route, key, method, status) => {
    const response = await guarded.ask(route, { ...headers(['apikey', key]), method });

    expect(response.status).toBe(status);
  });

  it('answers 401 if no plugin has identified the consumer', async () => {
    const response = await guarded.ask('alone', headers(['x-consumer-username', 'jack2']));

    expect(response.status).toBe(401);
    expect(response.header('www-authenticate')).toBe('consumer');
    expect(response.json()).toMatchObject({
      code: 'UNAUTHENTICATED',
      detail: 'The request is rejected, please check the consumer_name for this request',
    });
  });

  it("answers 403 with the document's own message if there is one", async () => {
    const white = await guarded.ask('white', headers(['apikey', 'key-2']));
    const black = await guarded.ask('black', headers(['apikey', 'key-1']));

    expect(white.json()).toMatchObject({ detail: 'The consumer_name is forbidden.' });
    expect(black.json()).toMatchObject({ detail: 'not you', status: 401 });
  });

  it('an anonymous consumer is on no list by itself', async () => {
    expect((await guarded.ask('anonymous')).status).toBe(403);
    expect((await guarded.ask('anonymous', headers(['apikey', 'key-1']))).status).toBe(200);
  });

  it('only a whitelist of consumers keeps a route from being open', async () => {
    const { open } = await guarded.artefact.logged({ event: 'table' });

    expect(open).toEqual(['alone']);
  });
});

it("a consumer's own restriction takes the place of the route's, and the log warns of it", async () => {
  const guarded = await startGuarded(
    { white: list({ whitelist: ['jack1'] }), black: list({ blacklist: ['rover'] }) },
    {
      consumers: {
        rover: consumer('key-3', {
          'consumer-restriction': { type: 'route_id', whitelist: ['white'] },
        }),
      },
    },
  );
  try {
    const { status } = await guarded.ask('white', { headers: [['apikey', 'key-3']] });
    const texts = guarded.artefact.lines().map(({ message }) => String(message));

    expect(status).toBe(200);
    expect(texts.filter((text) => text.includes('in place of the consumer-restriction'))).toEqual([
      expect.stringContaining('consumer rover'),
    ]);
  } finally {
    await guarded.close();
  }
});

it('an anonymous consumer cannot lift the guard of a route, and the log warns of each plugin that is replaced', async () => {
  const open = { 'key-auth': { anonymous_consumer: 'guest' } };
  const guarded = await startGuarded(
    {
      white: { ...open, 'consumer-restriction': { whitelist: ['jack1'] } },
      address: { ...open, 'ip-restriction': { whitelist: ['192.0.2.1'] } },
    },
    {
      consumers: {
        jack1: consumer('key-1'),
        guest: {
          plugins: {
            'consumer-restriction': { whitelist: ['guest'] },
            'ip-restriction': { whitelist: ['127.0.0.0/8'] },
          },
        },
      },
    },
  );
  try {
    const statuses = [await guarded.ask('white'), await guarded.ask('address')];
    const texts = guarded.artefact.lines().map(({ message }) => String(message));

    expect(statuses.map(({ status }) => status)).toEqual([403, 403]);
    expect((await guarded.ask('white', headers(['apikey', 'key-1']))).status).toBe(200);
    expect(texts.flatMap((text) => /guest: its ([\w-]+) runs/.exec(text)?.[1] ?? [])).toEqual([
      'consumer-restriction',
      'ip-restriction',
    ]);
  } finally {
    await guarded.close();
  }
});
