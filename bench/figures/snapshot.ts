/**
 * Measures cold starts from snapshots of few and of many routes, and the cost of a change of one of many documents for
 * the process and for the request at that time.
 */
import { gzipSync } from 'node:zlib';
import { startObjectStore } from '../../local/object-store/object-store.ts';
import { toProgramPath } from '../harness/bundles.ts';
import { alternate, type Bench, type Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { added, type Budget, itself, type Row, ratio, toRow } from '../harness/row.ts';
import type { ColdInput, ColdMeasurement } from '../programs/cold.ts';
import type { RefreshInput, RefreshMeasurement } from '../programs/refresh.ts';
import type {
  SnapshotChangeInput,
  SnapshotChangeMeasurement,
} from '../programs/snapshot-change.ts';
import { createStorer, toSnapshot, toSnapshotBytes } from '../programs/snapshots.ts';

const sizes = [10, 10_000] as const;
const bucket = 'bench-snapshots';
const budget: Budget = { text: '≤ 2.5 × with 10', limit: 2.5, of: ratio };
const refreshBudget: Budget = { text: 'adds ≤ 1 ms', limit: 1, of: added };
const pauseBudget: Budget = { text: '≤ 10 ms', limit: 10, of: itself };

interface Subject {
  readonly routes: number;
  readonly firstByteMs: number[];
  readonly initMs: number[];
}

export const snapshot: Figure = {
  name: 'snapshot',
  async measure(bench) {
    return [
      ...(await measureCold(bench)),
      ...(await measureChange(bench)),
      ...(await measureRefresh(bench, { waitMs: 0, changes: false })),
      ...(await measureRefresh(bench, { waitMs: 0, changes: true })),
      ...(await measureRefresh(bench, { waitMs: 20, changes: true })),
    ];
  },
};

async function measureCold({ node, peer, env, handlers, isQuick }: Bench): Promise<Row[]> {
  const store = await startObjectStore({ buckets: { [bucket]: {} } });
  try {
    const upstream = `http://${peer.host}:${peer.upstreamPort}`;
    for (const routes of sizes) {
      store.put(bucket, `v1/${routes}`, gzipSync(toSnapshotBytes({ routes, upstream })));
    }
    const subjects = sizes.map((routes): Subject => ({ routes, firstByteMs: [], initMs: [] }));
    const start = ({ routes }: Subject) =>
      runProcess<ColdMeasurement>({
        node,
        program: toProgramPath('cold'),
        input: { handler: handlers.proxy, path: '/bytes/1024' } satisfies ColdInput,
        env: {
          ...env,
          COUNTERSIGN_SNAPSHOT_URI: `s3://${bucket}/v1/${routes}`,
          AWS_ENDPOINT_URL_S3: store.url,
        },
      });
    await alternate(1, subjects, async (subject) => void (await start(subject)));
    store.calls.length = 0;
    await alternate(isQuick ? 5 : 25, subjects, async (subject) => {
      const { firstByteMs, initMs } = await start(subject);
      subject.firstByteMs.push(firstByteMs);
      subject.initMs.push(initMs);
    });
    const starts = subjects.reduce((sum, { initMs }) => sum + initMs.length, 0);
    if (store.calls.length !== starts) throw new Error('a cold start is not one call to S3');
    return toColdRows(subjects);
  } finally {
    await store.close();
  }
}

function toColdRows([few, many]: readonly Subject[]): Row[] {
  if (!few || !many) throw new Error('two sizes are compared');
  const row = (what: string, of: (subject: Subject) => readonly number[], limit?: Budget) => [
    toRow({ figure: 'snapshot', what: `10 routes, ${what}`, unit: 'ms', values: of(few) }),
    toRow({
      figure: 'snapshot',
      what: `10,000 routes, ${what}`,
      unit: 'ms',
      values: of(many),
      baseline: { name: 'with 10', values: of(few) },
      ...(limit ? { budget: limit } : {}),
    }),
  ];
  return [
    ...row('import to table loaded', ({ initMs }) => initMs),
    ...row('import to first byte', ({ firstByteMs }) => firstByteMs, budget),
  ];
}

async function measureChange({ node, isQuick }: Bench): Promise<Row[]> {
  const measured = await runProcess<SnapshotChangeMeasurement>({
    node,
    program: toProgramPath('snapshot-change'),
    input: { routes: 10_000, rounds: isQuick ? 7 : 41 } satisfies SnapshotChangeInput,
    flags: ['--expose-gc'],
  });
  const { pauseMs, cpuMs, bytesPerRoute } = measured;
  const what = '10,000 routes, one document changes';
  return [
    toRow({
      ...{ figure: 'snapshot', what: `${what}: pause of the event loop`, unit: 'ms' },
      ...{ values: pauseMs, budget: pauseBudget },
    }),
    toRow({ figure: 'snapshot', what: `${what}: CPU`, unit: 'ms', values: cpuMs }),
    toRow({
      ...{ figure: 'snapshot', what: '10,000 routes, memory per route', unit: 'bytes' },
      values: [bytesPerRoute],
    }),
  ];
}

/** Between two rounds; the next snapshot is published then. */
const settleMs = 250;

interface RefreshCase {
  /** Response time of the upstream. A refresh that starts at the same time runs while the request waits. */
  readonly waitMs: number;
  /** Whether each refresh gets another snapshot. */
  readonly changes: boolean;
}

async function measureRefresh(bench: Bench, { waitMs, changes }: RefreshCase): Promise<Row[]> {
  const { node, peer, env, handlers, isQuick } = bench;
  const store = await startObjectStore({ buckets: { [bucket]: {} } });
  const delay = waitMs > 0 ? `/after/${waitMs}` : '';
  const upstream = `http://${peer.host}:${peer.upstreamPort}${delay}`;
  const editions = [1, 2].map((edition) =>
    createStorer(toSnapshot({ routes: 10_000, upstream, edition })),
  );
  let sequence = 0;
  const put = () => {
    const toStored = editions[sequence % editions.length];
    sequence += 1;
    if (toStored) store.put(bucket, 'v1/refresh', toStored(sequence));
  };
  put();
  let answered = 0;
  const watch = setInterval(() => {
    if (store.calls.length === answered) return;
    answered = store.calls.length;
    // Not now: the work of the store would count as the proxy's, on a machine of two cores.
    if (changes) setTimeout(put, settleMs / 2);
  }, 5);
  try {
    const rounds = isQuick ? 15 : 101;
    const { beginning, between } = await runProcess<RefreshMeasurement>({
      node,
      program: toProgramPath('refresh'),
      input: {
        ...{ handler: handlers.proxy, path: '/bytes/1024', rounds },
        ...{ stepMs: 12_000, settleMs },
      } satisfies RefreshInput,
      env: {
        ...env,
        COUNTERSIGN_REFRESH_SECONDS: '10',
        COUNTERSIGN_SNAPSHOT_URI: `s3://${bucket}/v1/refresh`,
        AWS_ENDPOINT_URL_S3: store.url,
      },
    });
    if (store.calls.length < rounds) throw new Error('a request did not begin a refresh');
    const found = changes ? 'a changed snapshot' : 'the same snapshot';
    return [
      toRow({
        figure: 'snapshot',
        what: `10,000 routes, request at a refresh, ${found}, upstream ${waitMs} ms`,
        unit: 'ms',
        values: beginning,
        baseline: { name: 'request without', values: between },
        budget: refreshBudget,
      }),
    ];
  } finally {
    clearInterval(watch);
    await store.close();
  }
}
