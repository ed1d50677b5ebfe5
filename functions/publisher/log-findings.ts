/** One line a finding, each with its metric. */
import type { Logger } from '../proxy/log/log.ts';
import { toCountMetrics } from '../proxy/log/metrics.ts';
import type { Finding } from './finding.ts';

const lines = {
  accepted: ['info', 'a changed document is in force', 'acceptedDocuments'],
  refused: ['error', 'a changed document is refused', 'refusedDocuments'],
  deleted: ['warn', 'a parameter was deleted', 'deletedParameters'],
  unused: ['info', 'no document refers to a changed secret', 'unusedSecrets'],
  stray: ['warn', 'nothing reads a changed parameter', 'strayParameters'],
} as const;

/** Writes one line for each finding. Below the log level the metric alone is written. */
export function logFindings(log: Logger, findings: readonly Finding[], root: string): void {
  for (const { outcome, ...fields } of findings) {
    const [level, message, metric] = lines[outcome];
    const metrics = { proxy: root, ...toCountMetrics({ [metric]: 1 }, ['proxy']) };
    const line = { event: `document-${outcome}`, ...fields, ...metrics };
    if (log.isEnabled(level)) log[level](message, line);
    else log.always('metrics', metrics);
  }
}
