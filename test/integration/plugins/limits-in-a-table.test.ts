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

/** Two functions with the same routes, one table, and no test that counts what another one counts. */
const routes = {
  shared: count(),
  'many-count': count({ count: 5 }),
  'many-req': { 'limit-req': { ...slow, burst: 4 } },
  'keyed-a': count({ key: 'http_x_id' }),
  'keyed-b': count({ key: 'http_x_id' }),
  'group-a': count({ group: 'both', count: 1 }),
  'group-b': count({ group: 'both', count: 1 }),
  'group-none': count({ count: 100 }),
  closed: count({ count: 20 }),
  open: count({ count: 20, allow_degradation: true }),
  bucket: { 'limit-req': { rate: 1, burst: 0, key: 'remote_addr', ...dynamodb } },
  dry: { 'limit-req': { ...slow, burst: 1 } },
  conn: {
    'limit-conn': { conn: 1, burst: 0, default_conn_delay: 0.1, rejected_code: 429, ...dynamodb },
  },
};

describe('limits in a table', () => {
  let table: LimitTableStub;
  let both: readonly [Guarded, Guarded];
  let guarded: Guarded;
  const end = createDeferred<void>();
  const cut = createDeferred<void>();

  const start = (own: Record<string, object>, more: Record<string, string> = {}) =>
    startGuarded(own, {
      env: {
        AWS_ENDPOINT_URL_DYNAMODB: table.url,
        COUNTERSIGN_LIMIT_TABLE: limitTable,
        ...more,
      },
      answer: async ({ target }, response) => {
        response.write('begun ');
        if (target === '/long') await end.promise;
        if (target === '/cut') await cut.promise.then(() => response.destroy());
        else response.end('ended');
      },
    });

  beforeAll(async () => {
    table = await startLimitTable();
    both = [await start(routes), await start(routes)];
    [guarded] = both;
  });

  afterAll(async () => {
    await Promise.all(both.map((one) => one.close()));
    await table.close();
  });

  beforeEach(() => {
    table.calls.length = 0;
  });

  it('two environments share one count, with one update a request', async () => {
    const answers = [];
    for (let index = 0; index < 5; index += 1) {
      answers.push(await (both[index % 2] as Guarded).ask('shared'));
    }

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429]);
    expect(answers.map(({ header }) => header('x-ratelimit-remaining'))).toEqual([
      ...['2', '1', '0', '0', '0'],
    ]);
    expect(answers[3]?.header('retry-after')).toBe(answers[3]?.header('x-ratelimit-reset'));
    expect(table.calls.map(({ operation }) => operation)).toEqual(Array(5).fill('UpdateItem'));
  });

  it.each([
    ['limit-count', 'many-count'],
    ['limit-req', 'many-req'],
  ])('many at once are counted one by one: %s', async (_, route) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => guarded.ask(route)));

    const served = answers.filter(({ status }) => status === 200).length;
    // On a busy machine the table may take longer than the second that a request waits for it. It has counted all the same.
    const undecided = answers.filter(
      ({ header }) => header('countersign-error') === 'ACCESS_UNDECIDED',
    ).length;
    expect(served).toBeLessThanOrEqual(5);
    expect(served + undecided).toBeGreaterThanOrEqual(5);
  });

  it('an item has a key of fixed length for any client, and an expiry time', async () => {
    const before = new Set((await table.items()).map(({ key }) => key?.['S']));

    await guarded.ask('keyed-a', headers(['x-id', 'x'.repeat(5000)]));
    await guarded.ask('keyed-a', headers(['x-id', 'é"\\']));
    await guarded.ask('keyed-b', headers(['x-id', 'x'.repeat(5000)]));

    const items = (await table.items()).filter(({ key }) => !before.has(key?.['S']));
    expect(new Set(items.map(({ key }) => key?.['S'])).size).toBe(3);
    for (const { key, hits, expires_at } of items) {
      expect(key?.['S']).toMatch(/^[\w-]{43}$/);
      expect(hits).toEqual({ N: '1' });
      expect(Number(expires_at?.['N'])).toBeGreaterThan(Date.now() / 1000);
    }
  });

  it('a group counts together across routes', async () => {
    // On a busy machine the table may answer too late: 503, whether it has counted or not.
    const decide = (route: string) =>
      eventually(async () => {
        const { status } = await guarded.ask(route);
        return status !== 503 && status;
      });
    await decide('group-a');

    expect(await decide('group-b')).toBe(429);
    expect(await decide('group-none')).toBe(200);
  });

  it.each([
    ['is throttled', { status: 400, type: 'ProvisionedThroughputExceededException' }],
    ['has an error', { status: 500, type: 'InternalServerError' }],
    ['refuses the role', { status: 400, type: 'AccessDeniedException' }],
    ['hangs', 'hang' as const],
  ])('when the table %s, the document decides', async (_, failure) => {
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
    const other = await start({ a: count() }, { COUNTERSIGN_LIMIT_TABLE: 'another-table' });

    const response = await other.ask('a');

    expect([response.status, response.header('countersign-error')]).toEqual([
      503,
      'ACCESS_UNDECIDED',
    ]);
    const line = await other.artefact.logged({ type: 'access', error: 'ACCESS_UNDECIDED' });
    expect(line['cause']).toContain('ResourceNotFoundException');
  });

  it('a document that wants a table is refused where none is configured', async () => {
    const other = await start({ a: count() }, { COUNTERSIGN_LIMIT_TABLE: '' });

    const { issues } = await other.artefact.logged({ event: 'invalid-document' });
    expect(issues).toMatchObject([
      {
        pointer: '/plugins/limit-count/policy',
        expected: 'local, as long as COUNTERSIGN_LIMIT_TABLE names no DynamoDB table to count in',
      },
    ]);
  });

  it('limit-req: a bucket runs dry for all environments together', async () => {
    const statuses = [];
    for (let index = 0; index < 4; index += 1) {
      statuses.push((await (both[index % 2] as Guarded).ask('dry')).status);
    }

    expect(statuses).toEqual([200, 200, 503, 503]);
  });

  it('limit-conn: requests of all environments count until their bodies have ended', async () => {
    const before = new Set((await table.items()).map(({ key }) => key?.['S']));

    for (const [target, finish] of [
      ['/long', end],
      ['/cut', cut],
    ] as const) {
      const response = await open(guarded.artefact.url, { target: `/conn${target}` });
      expect([target, (await guarded.ask('conn')).status]).toEqual([target, 429]);
      finish.resolve(undefined);
      await response.toArray().catch(() => {});
      await eventually(async () => (await guarded.ask('conn')).status === 200);
    }
    const items = (await table.items()).filter(({ key }) => !before.has(key?.['S']));
    expect(items.map(({ leases }) => leases)).toEqual([undefined]);
  });
});
