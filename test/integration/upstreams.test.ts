/** Routes with an `upstream`, over real sockets and in both ways of reading the table. */
import { createServer } from 'node:http';
import { listen } from '../../local/http-server.ts';
import { startBothModes } from '../support/both-modes.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { useSnapshotRig } from '../support/publication.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const { startSnapshotRig } = useSnapshotRig();

let nodes: Upstream[];
let closedPort: number;
/** Statuses that a node answers with, by its index. */
const statuses = new Map<number, number>();

beforeAll(async () => {
  nodes = await Promise.all(
    [0, 1, 2].map((index) =>
      startUpstream({
        answer: ({ target, header }, response) => {
          if (target === '/silent') return;
          const seen = [index, target, header('host'), header('authorization') ?? '-'];
          response.writeHead(statuses.get(index) ?? 200).end(seen.join(' '));
        },
      }),
    ),
  );
  const closing = await listen(createServer());
  closedPort = closing.port;
  await closing.close();
});

afterAll(() => Promise.all(nodes.map((node) => node.close())));
beforeEach(() => {
  statuses.clear();
  for (const { received } of nodes) received.length = 0;
});

const nodeOf = (index: number) => `127.0.0.1:${nodes[index]?.port}`;
const toRoutes = () => ({
  weighted: { uri: '/weighted/*', upstream: { nodes: { [nodeOf(0)]: 3, [nodeOf(1)]: 1 } } },
  sticky: {
    uri: '/sticky/*',
    upstream: {
      ...{ type: 'chash', hash_on: 'cookie', key: 'sid' },
      nodes: nodes.map((_, index) => ({ host: '127.0.0.1', port: nodes[index]?.port, weight: 1 })),
    },
  },
  failing: {
    uri: '/failing/*',
    upstream: { nodes: { [`127.0.0.1:${closedPort}`]: 100, [nodeOf(2)]: 1 } },
  },
  resting: {
    uri: '/resting/*',
    upstream: {
      nodes: { [nodeOf(0)]: 1, [nodeOf(1)]: 1 },
      checks: { passive: { unhealthy: { http_statuses: [500], http_failures: 2 } } },
    },
  },
  named: {
    uri: '/named/*',
    upstream: {
      ...{ pass_host: 'rewrite', upstream_host: 'shop.internal.example' },
      nodes: { [nodeOf(0)]: 1 },
    },
  },
  passing: { uri: '/passing/*', upstream: { pass_host: 'pass', nodes: { [nodeOf(0)]: 1 } } },
  silent: {
    uri: '/silent',
    timeout: { connect: 0.1, send: 0.1, read: 0.1 },
    upstream: { nodes: { [nodeOf(0)]: 1 }, timeout: { connect: 100, send: 100, read: 100 } },
  },
  nowhere: { uri: '/nowhere', upstream: { nodes: { 'elsewhere.example:80': 1 } } },
});

/** Proxies in both modes, with the routes above. */
async function startBoth() {
  const env = { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1,localhost,*.internal.example' };
  const rig = await startSnapshotRig({ env, proxyEnv: env });
  for (const [id, route] of Object.entries(toRoutes())) await rig.edit(`routes/${id}`, route);
  return { rig, proxies: await startBothModes(rig) };
}

test('a route without an upstream plugin calls the nodes of its upstream', async () => {
  const { proxies, rig } = await startBoth();
  for (const { url, logged, text } of proxies) {
    const ask = async (target: string, headers: readonly [string, string][] = []) => {
      const response = await send(url, { target, headers });
      return { status: response.status, text: response.text(), response };
    };
    // One after another: one environment has all of them, and any four in a row go by the weights.
    const askEach = async (targets: readonly string[]) => {
      const answers: Awaited<ReturnType<typeof ask>>[] = [];
      for (const target of targets) answers.push(await ask(target));
      return answers;
    };

    const shares = await askEach(Array.from({ length: 8 }, (_, index) => `/weighted/${index}`));
    expect(shares.filter(({ text: [node] }) => node === '0')).toHaveLength(6);
    expect(shares.filter(({ text: [node] }) => node === '1')).toHaveLength(2);

    // The whole path and query, and the client's Authorization; the host is the node's.
    const { text: seen, response } = await ask('/weighted//a%2Fb?x=1+2', [
      ['authorization', 'Token'],
    ]);
    const [index, target, host, authorization] = seen.split(' ');
    expect([target, authorization]).toEqual(['/weighted//a%2Fb?x=1%202', 'Token']);
    expect(host).toBe(nodeOf(Number(index)));
    const line = await logged({ requestId: response.header('x-amzn-requestid'), type: 'access' });
    expect(line['upstream']).toBe(host);

    // The same cookie, the same node, in every environment.
    const stickyNodes = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(async (sid) => {
        const [one, two] = [
          await ask('/sticky/', [['cookie', `sid=${sid}`]]),
          await ask('/sticky/x', [['cookie', `other=1; sid=${sid}`]]),
        ];
        expect(one.text[0]).toBe(two.text[0]);
        return one.text[0];
      }),
    );
    expect(new Set(stickyNodes).size).toBeGreaterThan(1);

    // A node that cannot be reached does not show, for any method: nothing was sent to it.
    for (const method of ['GET', 'POST']) {
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => send(url, { method, target: '/failing/' })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    }

    expect((await ask('/named/x')).text).toBe('0 /named/x shop.internal.example -');
    expect((await ask('/passing/x')).text).toBe(`0 /passing/x ${nodeOf(0)} -`);
    // Its own timeout counts before the upstream's.
    expect((await ask('/silent')).status).toBe(504);
    const nowhere = await ask('/nowhere');
    expect([nowhere.status, nowhere.response.header('countersign-error')]).toEqual([
      503,
      'NO_UPSTREAM',
    ]);
    expect(text()).not.toContain('"level":"error","message":"a document');
  }
  expect(JSON.stringify(rig.lines())).toContain('node elsewhere.example:80 is not called');
});

test('a node that fails rests, and an edit of something else does not wake it', async () => {
  const { proxies, rig } = await startBoth();
  statuses.set(0, 500);
  // One after another, so that one environment has all of them.
  const ask = async (url: string, count: number) => {
    const answers: number[] = [];
    for (let each = 0; each < count; each += 1) {
      answers.push((await send(url, { target: '/resting/' })).status);
    }
    return answers;
  };
  for (const { url } of proxies) {
    expect((await ask(url, 6)).filter((status) => status === 500)).toHaveLength(2);
    expect(await ask(url, 4)).toEqual([200, 200, 200, 200]);
  }

  await rig.edit('routes/resting', {
    ...toRoutes().resting,
    desc: 'edited',
    methods: ['GET', 'PUT'],
  });
  for (const { url } of proxies) {
    // The edit has left the method out.
    await eventually(
      async () => (await send(url, { method: 'POST', target: '/resting/' })).status === 405,
    );
    expect(await ask(url, 3)).toEqual([200, 200, 200]);
  }
});

test('routes share an upstream that is an object of its own, by their service too; without it they answer 503', async () => {
  const env = { COUNTERSIGN_ALLOWED_HOSTS: '127.0.0.1' };
  const rig = await startSnapshotRig({ env, proxyEnv: env });
  await rig.edit('upstreams/shop', { nodes: { [nodeOf(0)]: 1 } });
  await rig.edit('services/shop', { upstream_id: 'shop' });
  await rig.edit('routes/a', { uri: '/a', upstream_id: 'shop' });
  await rig.edit('routes/b', { uri: '/b', service_id: 'shop' });
  const proxies = await startBothModes(rig);
  const until = async (expected: string) => {
    for (const { url } of proxies) {
      for (const target of ['/a', '/b']) {
        await eventually(async () => {
          const { status, text } = await send(url, { target });
          return `${status} ${status === 200 ? text()[0] : ''}`.trim() === expected;
        });
      }
    }
  };
  await until('200 0');

  await rig.edit('upstreams/shop', { nodes: { [nodeOf(1)]: 1 } });
  await until('200 1');

  await rig.erase('upstreams/shop');
  await until('503');

  await rig.edit('upstreams/shop', [{ id: 'shop', nodes: { [nodeOf(2)]: 1 } }]);
  await until('200 2');
});
