/**
 * Tells the operators what became of changes. A message that SNS does not take never fails a publication: its findings are
 * kept in the snapshot, and each later run tries to tell of them.
 */
import type { Logger } from '../proxy/log/log.ts';
import { toCountMetrics } from '../proxy/log/metrics.ts';
import type { Finding } from './finding.ts';
import type { Notify } from './notify.ts';
import { type ReplaceOptions, replaceSnapshot } from './replace-snapshot.ts';
import type { PublishedState } from './state.ts';
import { isWorthTelling, toMessage } from './to-message.ts';

/** Who is told, and where the findings are kept that could not be told. */
export interface TellOptions extends ReplaceOptions {
  /** Undefined if no topic is configured: then no message is sent. */
  readonly notify: Notify | undefined;
  readonly log: Logger;
}

/** A message lists 50. The others are in the log. */
const maxKept = 100;

/**
 * @param findings of this run
 * @param state as it is published now, with the findings of earlier runs
 */
export async function tell(
  findings: readonly Finding[],
  { untold }: Pick<PublishedState, 'untold'>,
  options: TellOptions,
): Promise<void> {
  const isTold = await tryToTell([...untold, ...findings], options);
  const kept = isTold ? [] : findings.filter(isWorthTelling);
  const told = isTold ? untold : [];
  if (kept.length + told.length === 0) return;
  try {
    await replaceSnapshot(async (state) => {
      const rest = without(state.untold, told);
      const next = [...rest, ...without(kept, rest)].slice(0, maxKept);
      return { state: { ...state, untold: next }, findings: [] };
    }, options);
  } catch (error) {
    // The snapshot is published already. Findings that were sent may be sent again, and those that were not are only in the log.
    const message = 'what the operators have been told of could not be noted';
    options.log.error(message, { event: 'untold', error, proxy: options.root });
  }
}

async function tryToTell(
  findings: readonly Finding[],
  { notify, root, log }: TellOptions,
): Promise<boolean> {
  const message = toMessage(findings, root);
  if (!message || !notify) return true;
  try {
    await notify(message);
    return true;
  } catch (error) {
    log.error('the topic did not take a message; the next run sends it again', {
      ...{ event: 'untold', error, proxy: root },
      ...toCountMetrics({ untoldMessages: 1 }, ['proxy']),
    });
    return false;
  }
}

function without(all: readonly Finding[], others: readonly Finding[]): Finding[] {
  const texts = new Set(others.map((finding) => JSON.stringify(finding)));
  return all.filter((finding) => !texts.has(JSON.stringify(finding)));
}
