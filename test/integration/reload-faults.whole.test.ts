/** Parameter Store at its worst: what it answers, or does not, never changes what is in force. */
import { createLogger } from '../../functions/proxy/log/log.ts';
import { createLoggedLoader } from '../../functions/proxy/routes/logged-loader.ts';
import { createParameterReader } from '../../functions/proxy/routes/parameters.ts';
import { createTableSource } from '../../functions/proxy/routes/refresh.ts';
import {
  type Interception,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { executionKeys, toServices } from '../support/builders.ts';
import { send } from '../support/client.ts';
import { rules } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { timeFastest } from '../support/fastest.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

type Intercept = (operation: string) => Interception | undefined | Promise<undefined>;

describe('a table in force', () => {
  let upstream: Upstream;
  let artefact: Artefact;
  let intercept: Intercept | undefined;
  let logStart = 0;
  const written = new Set<string>();

  const putRoute = (id: string, document: unknown) => {
    written.add(id);
    artefact.putRoute(id, document);
  };
  /** The log since the test began. */
  const lines = () => artefact.lines().slice(logStart);

  const route = (uri: string) => ({
    uri,
    plugins: { 'aws-lambda': { function_uri: upstream.url } },
  });
  const statusOf = async (target: string) => (await send(artefact.url, { target })).status;
  const until = (target: string, status: number) =>
    eventually(async () => (await statusOf(target)) === status);

  beforeAll(async () => {
    upstream = await startUpstream();
    artefact = await startArtefact({
      reloads: true,
      store: { intercept: (operation) => intercept?.(operation) },
      maxEnvironments: 1,
    });
  });
  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(async () => {
    putRoute('first', route('/first'));
    await until('/first', 200);
    logStart = artefact.lines().length;
  });
  afterEach(async () => {
    intercept = undefined;
    for (const id of written) {
      // A test may have removed it by itself.
      artefact.putRoute(id, route('/removed'));
      artefact.remove(id);
    }
    written.clear();
    await until('/first', 404);
  });

  it.each<[string, Interception]>([
    ['text that is no JSON', { body: '<html>busy</html>' }],
    ['nothing', { body: '' }],
    ['JSON that is cut', { body: '{"Parameters":[{"Name":"/countersign/local/routes/first"' }],
    ['no list', { body: '{}' }],
    ['null', { body: 'null' }],
    ['a list of something else', { body: '{"Parameters":[null,7]}' }],
    ['a parameter without a value', { body: '{"Parameters":[{"Name":"/x"}]}' }],
    ['throttling', { type: 'ThrottlingException', message: 'Rate exceeded' }],
    ['an error without a name', { type: '', status: 503 }],
  ])('stays when Parameter Store answers %s, and everything was deleted', async (_, answer) => {
    intercept = () => answer;
    artefact.remove('first');
    await eventually(async () => {
      await statusOf('/first');
      return lines().some(({ event }) => event === 'refresh-failed');
    });

    expect(await statusOf('/first')).toBe(200);

    intercept = undefined;
    await until('/first', 404);
  });

  it('stays when Parameter Store hangs, and no request waits for it', async () => {
    let hanging = 0;
    intercept = () => {
      hanging += 1;
      return new Promise(() => {});
    };
    await eventually(() => statusOf('/first').then(() => hanging > 0));
    for (let count = 0; count < 4; count += 1) {
      // A refresh that hangs holds the environment for half a second behind an answer, never the answer.
      const ms = await timeFastest(1500, async () => expect(await statusOf('/first')).toBe(200));
      expect(ms).toBeLessThan(1500);
    }
    putRoute('second', route('/second'));
    intercept = undefined;
    await until('/second', 200);
  });

  it('stays when a later page fails', async () => {
    for (let index = 0; index < 25; index += 1) putRoute(`r${index}`, route(`/r${index}`));
    await until('/r24', 200);
    let calls = 0;
    intercept = () => {
      calls += 1;
      return calls % 2 === 0 ? { type: 'InternalServerError', status: 500 } : undefined;
    };
    artefact.remove('first');
    await eventually(async () => {
      await statusOf('/r0');
      return lines().some(({ event }) => event === 'refresh-failed');
    });

    expect([await statusOf('/first'), await statusOf('/r24')]).toEqual([200, 200]);
  });

  it('has every route of many pages, and of an array', async () => {
    for (let index = 0; index < 25; index += 1) putRoute(`r${index}`, route(`/r${index}`));
    putRoute('several', [
      { id: 'a', ...route('/several/a') },
      { id: 'b', ...route('/several/b') },
    ]);
    await until('/several/b', 200);

    const statuses = await Promise.all(
      Array.from({ length: 25 }, (_, index) => statusOf(`/r${index}`)),
    );

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await statusOf('/several/a')).toBe(200);
    putRoute('several', [{ id: 'b', ...route('/several/b') }]);
    await until('/several/a', 404);
  });

  it('logs two routes with the same place, and the first parameter name wins', async () => {
    const keyed = (apikey: string) => ({
      uri: '/same',
      plugins: { 'aws-lambda': { function_uri: upstream.url, authorization: { apikey } } },
    });
    putRoute('b-later', keyed('later'));
    putRoute('a-earlier', keyed('earlier'));
    await eventually(async () => {
      await statusOf('/same');
      return lines().some(({ winner }) => winner !== undefined);
    });

    await statusOf('/same');

    expect(upstream.received.at(-1)?.header('x-api-key')).toBe('earlier');
    await artefact.logged({
      level: 'warn',
      winner: '/countersign/local/routes/a-earlier#a-earlier',
      loser: '/countersign/local/routes/b-later#b-later',
    });
  });

  it('follows a version that was valid only until the next edit', async () => {
    putRoute('first', route('/moved'));
    artefact.putText('routes/first', '{ broken');

    await until('/moved', 200);

    expect(await statusOf('/first')).toBe(404);
  });
});

it('a malformed document that is deleted between the reading of it and of its history answers no 503', async () => {
  const upstream = await startUpstream();
  let histories = 0;
  const artefact: Artefact = await startArtefact({
    reloads: true,
    routes: { gone: { uri: '/gone', plugins: { 'aws-lambda': { function_uri: upstream.url } } } },
    store: {
      intercept: (operation) => {
        if (operation === 'GetParameterHistory') {
          histories += 1;
          if (histories === 1) artefact.remove('gone');
        }
        return undefined;
      },
    },
    maxEnvironments: 1,
  });
  try {
    const statuses = new Set<number>();
    const ask = async () => {
      const { status } = await send(artefact.url, { target: '/gone' });
      statuses.add(status);
      return status;
    };
    await ask();
    artefact.putText('routes/gone', '{ broken');

    await eventually(async () => (await ask()) === 404);

    expect(histories).toBe(1);
    expect([...statuses]).toEqual([200, 404]);
  } finally {
    await Promise.all([artefact.close(), upstream.close()]);
  }
});

it('concurrent requests share one read', async () => {
  let calls = 0;
  const store = await startParameterStore({
    intercept: () => {
      calls += 1;
      return undefined;
    },
  });
  const log = createLogger('error', () => {});
  const reader = createParameterReader({
    endpoint: new URL(store.url),
    region: 'us-east-1',
    credentials: async () => executionKeys,
    now: Date.now,
    pacing: { random: Math.random, sleep: async () => {} },
  });
  const services = toServices();
  const load = createLoggedLoader({
    root: '/countersign/none',
    rules,
    reader,
    registry: {},
    compile: { services, requireAccessPlugin: false },
    readVariable: () => undefined,
    log,
  });
  const source = createTableSource({
    ...{ load, log, intervalMs: 60_000, now: Date.now, random: Math.random, sleep: async () => {} },
    ...{ onTable: () => {}, later: () => {} },
  });

  const tables = await Promise.all(
    Array.from({ length: 50 }, () => source.current(Number.MAX_SAFE_INTEGER)),
  );

  expect(calls).toBe(1);
  expect(new Set(tables).size).toBe(1);
  await store.close();
});
