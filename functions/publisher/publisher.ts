/** The publisher: Parameter Store → one snapshot in S3, which every environment of the proxy reads. */
import type { Logger } from '../proxy/log/log.ts';
import type { Finding } from './finding.ts';
import {
  type Listing,
  type ReviseOptions,
  type Revision,
  reviseChanged,
  reviseEverything,
  reviseSecrets,
} from './revision.ts';
import type { SnapshotObject } from './snapshot-object.ts';
import type { PublishedState } from './state.ts';
import type { Task } from './task.ts';
import { type WrittenSnapshot, writeSnapshot } from './write-snapshot.ts';

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
}

/** What a publisher reads from, writes to and tells. */
export interface PublisherOptions extends ReviseOptions {
  readonly object: SnapshotObject;
  /** Reads the whole tree, paced. */
  readonly list: (state: PublishedState) => Promise<Listing>;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: (findings: readonly Finding[]) => Promise<void>;
  readonly log: Logger;
}

/** Several publishers at once lose against each other now and then, never this often. */
const maxTries = 12;
const longestWaitMs = 1000;

/** @returns a function that publishes; it throws when Parameter Store, S3 or KMS does not answer */
export function createPublisher(options: PublisherOptions): (task: Task) => Promise<Publication> {
  const { object, random, sleep, report, log } = options;
  // Code and settings are those of the environment: one judgement of everything is enough for it.
  let isJudged = false;
  return async (task) => {
    let state = await object.read();
    const isEverything = task.kind === 'everything' || isNew(state);
    const listing = isEverything ? await options.list(state) : undefined;
    const revise = toRevise(task, { listing, isJudgedAnew: !isJudged }, options);
    // A reading of the whole tree takes minutes: somebody may have published meanwhile.
    if (listing) state = await object.read();
    for (let tries = 1; tries <= maxTries; tries += 1) {
      const { state: next, findings } = await revise(state);
      const snapshot = write(next, options);
      const published = snapshot.digest !== state.contentDigest;
      if (!published || (await object.replace(state, { next, snapshot }))) {
        isJudged ||= isEverything;
        await report(findings);
        logConflicts(snapshot, { before: state, after: next, log });
        return toPublication(next, snapshot, published);
      }
      // Whoever loses reads again: the snapshot that won, and the parameters.
      await sleep(random() * longestWaitMs);
      state = await object.read();
    }
    throw new Error(`another publisher was faster ${maxTries} times in a row`);
  };
}

type Revise = (state: PublishedState) => Promise<Revision>;

/** Without a snapshot, or with one that cannot be read, one change says too little. */
function isNew({ contentDigest }: PublishedState): boolean {
  return contentDigest === '';
}

interface Known {
  /** What was read of the whole tree. It is not read anew when another publisher was faster. */
  readonly listing: Listing | undefined;
  readonly isJudgedAnew: boolean;
}

function toRevise(task: Task, { listing, isJudgedAnew }: Known, options: PublisherOptions): Revise {
  if (listing) return (state) => reviseEverything({ listing, isJudgedAnew }, state, options);
  if (task.kind === 'changes') return (state) => reviseChanged(task.changes, state, options);
  return (state) => reviseSecrets(state, options);
}

function write(state: PublishedState, { root }: PublisherOptions): WrittenSnapshot {
  const records = [...state.records.values()];
  records.sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
  const notes = [...state.notes].sort(([a], [b]) => (a < b ? -1 : 1));
  return writeSnapshot({
    ...{ root, documents: records, origin: state.origin },
    invalid: notes.filter(([, { refused }]) => refused !== undefined).length,
    notes: Object.fromEntries(notes),
  });
}

interface Progress {
  readonly before: PublishedState;
  readonly after: PublishedState;
  readonly log: Logger;
}

/** Those that a changed document has to do with; the others have been named before. */
function logConflicts({ conflicts }: WrittenSnapshot, { before, after, log }: Progress): void {
  const isChanged = (route: string) => {
    const parameter = route.split('#', 1)[0] ?? '';
    return before.records.get(parameter)?.digest !== after.records.get(parameter)?.digest;
  };
  for (const { winner, loser } of conflicts) {
    if (!isChanged(winner) && !isChanged(loser)) continue;
    const message = 'two routes have the same host, path and method; the first one wins';
    log.warn(message, { winner, loser });
  }
}

function toPublication(
  { records, notes }: PublishedState,
  { table }: WrittenSnapshot,
  published: boolean,
): Publication {
  const invalid = [...notes.values()].filter(({ refused }) => refused !== undefined).length;
  return { published, table, documents: records.size, invalid };
}
