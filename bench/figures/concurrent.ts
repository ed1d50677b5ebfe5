/**
 * Measures many concurrent invocations in one process (Lambda Managed Instances): requests a second, latency, and delay
 * of the event loop.
 */
import { toProgramPath } from '../harness/bundles.ts';
import { pluginTree } from '../harness/environment.ts';
import type { Figure } from '../harness/figure.ts';
import { runProcess } from '../harness/process.ts';
import { toRow, type Unit } from '../harness/row.ts';
import type {
  ConcurrentInput,
  ConcurrentMeasurement,
  ConcurrentSubject,
} from '../programs/concurrent.ts';
import { toSubjects } from './request-subjects.ts';

const atOnce = 64;

export const concurrent: Figure = {
  name: 'concurrent',
  async measure(bench) {
    const subjects = toSubjects(bench, 1024);
    const input: ConcurrentInput = {
      ...subjects,
      handlers: subjects.handlers.filter(({ name }) => name === 'proxy'),
      rounds: bench.isQuick ? 3 : 9,
      requestsPerRound: 2000,
      atOnce,
    };
    const { direct, proxy } = await runProcess<ConcurrentMeasurement>({
      node: bench.node,
      program: toProgramPath('concurrent'),
      input,
      env: { ...bench.env, COUNTERSIGN_PARAMETER_PATH: pluginTree },
    });
    if (!direct || !proxy) throw new Error('the concurrent program left a subject out');
    const row = (
      aspect: string,
      unit: Unit,
      of: (subject: ConcurrentSubject) => readonly number[],
    ) =>
      toRow({
        figure: 'concurrent',
        what: `${atOnce} at once, ${aspect}`,
        unit,
        values: of(proxy),
        baseline: { name: 'direct call', values: of(direct) },
      });
    return [
      row('requests', '/s', ({ perSecond }) => perSecond),
      row('p50', 'ms', ({ p50Ms }) => p50Ms),
      row('p99', 'ms', ({ p99Ms }) => p99Ms),
      row('event-loop delay, p99', 'ms', ({ loopDelayMs }) => loopDelayMs),
    ];
  },
};
