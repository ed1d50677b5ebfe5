/** Replaces the published snapshot by what a revision makes of it, however many publishers write at the same time. */
import type { Finding } from './finding.ts';
import type { SnapshotObject } from './snapshot-object.ts';
import { type PublishedState, toStoredNotes } from './state.ts';
import { type WrittenSnapshot, writeSnapshot } from './write-snapshot.ts';

/** What is to be published next, and what is to be said of it. */
export interface Revision {
  readonly state: PublishedState;
  readonly findings: readonly Finding[];
  /** Documents whose reading was older than the event that told of them. */
  readonly stale?: readonly string[];
}

/** Makes the next state from the published one. It is called again when another publisher was faster. */
export type Revise = (state: PublishedState) => Promise<Revision>;

/** How a snapshot is replaced. */
export interface ReplaceOptions {
  /** Root path of the documents, without trailing slash. */
  readonly root: string;
  readonly object: SnapshotObject;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What a replacement came to. */
export interface Replaced extends Revision {
  /** The state that the revision was made from. */
  readonly before: PublishedState;
  readonly snapshot: WrittenSnapshot;
  /** False when the snapshot would have been the same. */
  readonly published: boolean;
}

/** Several publishers at once lose against each other now and then, never this often. */
const maxTries = 12;
const longestWaitMs = 1000;

/**
 * @param known what was just read of the snapshot; undefined to read it
 * @throws AwsServiceError or ProxyError when S3 or KMS does not answer, and the errors of `revise`
 */
export async function replaceSnapshot(
  revise: Revise,
  options: ReplaceOptions,
  known?: PublishedState,
): Promise<Replaced> {
  const { object, random, sleep, root } = options;
  for (let tries = 1; tries <= maxTries; tries += 1) {
    const before = tries === 1 && known ? known : await object.read();
    const revision = await revise(before);
    const snapshot = write(revision.state, root);
    const published = snapshot.digest !== before.contentDigest;
    if (!published || (await object.replace(before, { next: revision.state, snapshot }))) {
      return { ...revision, before, snapshot, published };
    }
    // The publisher that loses reads again: the snapshot that won, and the parameters.
    await sleep(random() * longestWaitMs);
  }
  throw new Error(`another publisher was faster ${maxTries} times in a row`);
}

function write(state: PublishedState, root: string): WrittenSnapshot {
  const records = [...state.records.values()];
  records.sort((a, b) => (a.parameter < b.parameter ? -1 : 1));
  const notes = [...state.notes].sort(([a], [b]) => (a < b ? -1 : 1));
  return writeSnapshot({
    ...{ root, documents: records, origin: state.origin },
    invalid: notes.filter(([, { refused }]) => refused !== undefined).length,
    notes: toStoredNotes({ notes: new Map(notes), untold: state.untold }),
  });
}
