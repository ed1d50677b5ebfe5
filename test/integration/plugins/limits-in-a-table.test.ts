/** `policy: dynamodb`: what all environments count together. The table is dynalite's, behind a verifier of signatures. */

import { createDeferred } from '../../../local/deferred.ts';
import { open } from '../../support/client.ts';
import { type LimitTableStub, limitTable, startLimitTable } from '../../support/dynamodb.ts';
import { eventually } from '../../support/eventually.ts';
import { type Guarded, headers, startGuarded } from '../../support/guarded.ts';

const dynamodb = { policy: 'dynamodb' };
/** Long enough to be the same one for all requests of a test, or nearly ever. */
const year = 31_536_000;
const slow = { rate: 0.001, nodelay: true, key: 'remote_addr', ...dynamodb };
const count = (config: object = {}) => ({
  'limit-count': { count: 3, time_window: year, rejected_code: 429, ...dynamodb, ...config },
});

describe('limits in a table', () => {
  let table: LimitTableStub;
  const started: Guarded[] = [];

  const start = async (routes: Record<string, object>, more: Record<string, string> = {}) => {
    const env = {
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      COUNTERSIGN_LIMIT_TABLE: limitTable,
      ...more,
    };
    const guarded = await startGuarded(routes, { env, maxEnvironments: 3 });
    started.push(guarded);
    return guarded;
  };

  beforeEach(async () => {
    table = await startLimitTable();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((one) => one.close()));
    await table.close();
  });

  it('two environments share one count, with one update a request', async () => {
    const both = [await start({ a: count() }), await start({ a: count() })];

    const answers = [];
    for (let index = 0; index < 5; index += 1) {
      answers.push(await (both[index % 2] as Guarded).ask('a'));
    }

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers.map(({ header }) => header('x-ratelimit-remaining'))).toEqual([
      ...['2', '1', '0', '0', '0'],
    ]);
    expect(answers[3]?.header('retry-after')).toBe(answers[3]?.header('x-ratelimit-reset'));
    expect(table.calls.map(({ operation }) => operation)).toEqual(Array(5).fill('UpdateItem'));
  });

  it.each([
    ['limit-count', count({ count: 5 })],
    ['limit-req', { 'limit-req': { ...slow, burst: 4 } }],
  ])('many at once are counted one by one: %s', async (_, plugin) => {
    const guarded = await start({ a: plugin });

    const answers = await Promise.all(Array.from({ length: 12 }, () => guarded.ask('a')));

    const served = answers.filter(({ status }) => status === 200).length;
    // On a busy machine the table may take longer than the second that a request waits for it. It has counted all the same.
    const undecided = answers.filter(
      ({ header }) => header('countersign-error') === 'ACCESS_UNDECIDED',
    ).length;
    expect(served).toBeLessThanOrEqual(5);
    expect(served + undecided).toBeGreaterThanOrEqual(5);
  });

  it('an item has a key of fixed length for any client, and an expiry time', async () => {
    const guarded = await start({ a: count({ key: 'http_x_id' }), b: count({ key: 'http_x_id' }) });

    await guarded.ask('a', headers(['x-id', 'x'.repeat(5000)]));
    await guarded.ask('a', headers(['x-id', 'é"\\']));
    await guarded.ask('b', headers(['x-id', 'x'.repeat(5000)]));

    const items = await table.items();
    expect(new Set(items.map(({ key }) => key?.['S'])).size).toBe(3);
    for (const { key, hits, expires_at } of items) {
      expect(key?.['S']).toMatch(/^[\w-]{43}$/);
      expect(hits).toEqual({ N: '1' });
      expect(Number(expires_at?.['N'])).toBeGreaterThan(Date.now() / 1000);
    }
  });

  it('a group counts together across routes', async () => {
    const group = { group: 'both', count: 1 };
    const guarded = await start({ a: count(group), b: count(group), c: count({ count: 1 }) });

    const statuses = [];
    for (const route of ['a', 'b', 'c']) statuses.push((await guarded.ask(route)).status);
    expect(statuses).toEqual([200, 429, 200]);
  });

  it.each([
    ['is throttled', { status: 400, type: 'ProvisionedThroughputExceededException' }],
    ['has an error', { status: 500, type: 'InternalServerError' }],
    ['refuses the role', { status: 400, type: 'AccessDeniedException' }],
    ['hangs', 'hang' as const],
  ])('when the table %s, the document decides', async (_, failure) => {
    const req = { 'limit-req': { rate: 1, burst: 0, key: 'remote_addr', ...dynamodb } };
    const guarded = await start({
      closed: count(),
      open: count({ allow_degradation: true }),
      bucket: req,
    });
    table.failure = failure;

    const answers = await Promise.all(
      ['closed', 'open', 'bucket'].map((name) => guarded.ask(name)),
    );

    expect(answers.map(({ status, header }) => [status, header('countersign-error')])).toEqual([
      [503, 'ACCESS_UNDECIDED'],
      [200, undefined],
      [503, 'ACCESS_UNDECIDED'],
    ]);
    expect(answers[0]?.header('retry-after')).toBe('1');
    expect(answers[0]?.text()).not.toMatch(/Exception|127\.0\.0\.1|DynamoDB/i);
    await guarded.artefact.logged({ type: 'access', route: 'closed', error: 'ACCESS_UNDECIDED' });
    table.failure = undefined;
    expect((await guarded.ask('closed')).status).toBe(200);
  });

  it('when there is no such table, it is as undecided', async () => {
    const guarded = await start({ a: count() }, { COUNTERSIGN_LIMIT_TABLE: 'another-table' });

    const response = await guarded.ask('a');

    expect([response.status, response.header('countersign-error')]).toEqual([
      503,
      'ACCESS_UNDECIDED',
    ]);
    const line = await guarded.artefact.logged({ type: 'access', error: 'ACCESS_UNDECIDED' });
    expect(line['cause']).toContain('ResourceNotFoundException');
  });

  it('a document that wants a table is refused where none is configured', async () => {
    const guarded = await start({ a: count() }, { COUNTERSIGN_LIMIT_TABLE: '' });

    const { issues } = await guarded.artefact.logged({ event: 'invalid-document' });
    expect(issues).toMatchObject([
      {
        pointer: '/plugins/limit-count/policy',
        expected: 'local, as long as COUNTERSIGN_LIMIT_TABLE names no DynamoDB table to count in',
      },
    ]);
  });

  it('limit-req: a bucket runs dry for all environments together', async () => {
    const req = { 'limit-req': { ...slow, burst: 1 } };
    const both = [await start({ a: req }), await start({ a: req })];

    const statuses = [];
    for (let index = 0; index < 4; index += 1) {
      statuses.push((await (both[index % 2] as Guarded).ask('a')).status);
    }

    expect(statuses).toEqual([200, 200, 503, 503]);
  });

  it('limit-conn: requests of all environments count until their bodies have ended', async () => {
    const conn = {
      'limit-conn': { conn: 1, burst: 0, default_conn_delay: 0.1, rejected_code: 429, ...dynamodb },
    };
    const env = { AWS_ENDPOINT_URL_DYNAMODB: table.url, COUNTERSIGN_LIMIT_TABLE: limitTable };
    const end = createDeferred<void>();
    const cut = createDeferred<void>();
    const guarded = await startGuarded(
      { a: conn },
      {
        env,
        maxEnvironments: 3,
        answer: async ({ target }, response) => {
          response.write('begun ');
          if (target === '/long') await end.promise;
          if (target === '/cut') await cut.promise.then(() => response.destroy());
          else response.end('ended');
        },
      },
    );
    started.push(guarded);

    for (const [target, finish] of [
      ['/a/long', end],
      ['/a/cut', cut],
    ] as const) {
      const response = await open(guarded.artefact.url, { target });
      expect([target, (await guarded.ask('a')).status]).toEqual([target, 429]);
      finish.resolve(undefined);
      await response.toArray().catch(() => {});
      await eventually(async () => (await guarded.ask('a')).status === 200);
    }
    expect((await table.items()).map(({ leases }) => leases)).toEqual([undefined]);
  });
});
