/** Cold starts from a snapshot of few and of many routes, and what a change of one of many documents costs. */
import { gzipSync } from 'node:zlib';
import { startObjectStore } from '../../local/object-store/object-store.ts';
import { toProgramPath } from '../harness/bundles.ts';
import { alternate, type Bench, type Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { type Budget, itself, type Row, ratio, toRow } from '../harness/row.ts';
import type { ColdInput, ColdMeasurement } from '../programs/cold.ts';
import type {
  SnapshotChangeInput,
  SnapshotChangeMeasurement,
} from '../programs/snapshot-change.ts';
import { toSnapshotBytes } from '../programs/snapshots.ts';

const sizes = [10, 10_000] as const;
const bucket = 'bench-snapshots';
const budget: Budget = { text: '≤ 2.5 × with 10', limit: 2.5, of: ratio };
const pauseBudget: Budget = { text: '≤ 10 ms', limit: 10, of: itself };

interface Subject {
  readonly routes: number;
  readonly firstByteMs: number[];
  readonly initMs: number[];
}

export const snapshot: Figure = {
  name: 'snapshot',
  async measure(bench) {
    return [...(await measureCold(bench)), ...(await measureChange(bench))];
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
