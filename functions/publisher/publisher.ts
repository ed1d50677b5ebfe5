/** The publisher: Parameter Store → one snapshot in S3, which every environment of the proxy reads. */
import type { Finding } from './finding.ts';
import { logConflicts } from './log-conflicts.ts';
import { type Replaced, type Revise, replaceSnapshot } from './replace-snapshot.ts';
import { reviseChanged } from './revise-changed.ts';
import type { ReviseOptions } from './revise-documents.ts';
import { type Listing, reviseEverything, reviseSecrets } from './revision.ts';
import type { PublishedState } from './state.ts';
import type { Change, Task } from './task.ts';
import { type TellOptions, tell } from './tell.ts';

/** What a publication came to. */
export interface Publication {
  /** Whether a snapshot was written; false when it would have been the same. */
  readonly published: boolean;
  /** Version of the table that stands. */
  readonly table: string;
  /** How many documents are in force. */
  readonly documents: number;
  /** How many documents have a newest version that is not in force, or not all of it. */
  readonly invalid: number;
  /** Messages of SQS that have to come again, because Parameter Store did not show the change yet. */
  readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
}

/** What a publisher reads from, writes to and tells. */
export interface PublisherOptions extends ReviseOptions, TellOptions {
  /** Reads the whole tree, paced. */
  readonly list: (
    state: PublishedState,
    pace: { readonly isDeployment: boolean },
  ) => Promise<Listing>;
  /** Logs what became of changes. */
  readonly report: (findings: readonly Finding[]) => void;
}

/** Waits before the next reading, when a version was older than its event. */
const staleWaitsMs = [1000, 2000, 4000];

/** @returns a function that publishes; it throws when Parameter Store, S3 or KMS does not answer */
export function createPublisher(options: PublisherOptions): (task: Task) => Promise<Publication> {
  const { object, report, sleep } = options;
  // Code and settings do not change within an environment, so it judges everything anew only once.
  let isJudged = false;
  const publish = async (task: Task, isLast: boolean): Promise<Replaced> => {
    const state = await object.read();
    const isEverything = task.kind === 'everything' || isNew(state);
    const isDeployment = task.kind === 'everything' && task.isDeployment === true;
    const listing = isEverything ? await options.list(state, { isDeployment }) : undefined;
    const revise = toRevise(task, { listing, isJudgedAnew: !isJudged, isLast }, options);
    // Reading the whole tree takes minutes, and another publisher may publish meanwhile. So the snapshot is read again after it.
    const replaced = await replaceSnapshot(revise, options, listing ? undefined : state);
    isJudged ||= isEverything;
    report(replaced.findings);
    logConflicts(replaced, options);
    await tell(replaced.findings, replaced.state, options);
    return replaced;
  };
  return async (task) => {
    let replaced = await publish(task, false);
    let { published } = replaced;
    let stale = toStale(task, replaced);
    for (const [index, waitMs] of staleWaitsMs.entries()) {
      if (stale.length === 0) break;
      await sleep(waitMs);
      const isLast = index === staleWaitsMs.length - 1;
      replaced = await publish({ kind: 'changes', changes: stale }, isLast);
      published ||= replaced.published;
      stale = toStale({ kind: 'changes', changes: stale }, replaced);
    }
    return { ...toPublication({ ...replaced, published }), ...toFailures(stale) };
  };
}

/** The changes whose documents have to be read again. */
function toStale(task: Task, { stale = [] }: Replaced): readonly Change[] {
  return task.kind === 'changes' ? task.changes.filter(({ name }) => stale.includes(name)) : [];
}

/** SQS delivers these messages again. */
function toFailures(stale: readonly Change[]): Pick<Publication, 'batchItemFailures'> {
  const ids = stale.flatMap(({ messageId }) => messageId ?? []);
  if (ids.length === 0) return {};
  return { batchItemFailures: [...new Set(ids)].map((itemIdentifier) => ({ itemIdentifier })) };
}

/** Without a snapshot, or with one that cannot be read, one change says too little. */
function isNew({ contentDigest }: PublishedState): boolean {
  return contentDigest === '';
}

interface Known {
  /** What was read of the whole tree. It is not read anew when another publisher was faster. */
  readonly listing: Listing | undefined;
  readonly isJudgedAnew: boolean;
  /** In the last reading, a version older than its event is accepted. */
  readonly isLast: boolean;
}

function toRevise(
  task: Task,
  { listing, isJudgedAnew, isLast }: Known,
  options: PublisherOptions,
): Revise {
  if (listing) return (state) => reviseEverything({ listing, isJudgedAnew }, state, options);
  if (task.kind === 'changes') {
    return (state) => reviseChanged({ changes: task.changes, isLast }, state, options);
  }
  return (state) => reviseSecrets(state, options);
}

function toPublication({ state, snapshot: { table }, published }: Replaced): Publication {
  const { records, notes } = state;
  const invalid = [...notes.values()].filter(({ refused }) => refused !== undefined).length;
  return { published, table, documents: records.size, invalid };
}
