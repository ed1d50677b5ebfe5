/** Documents of a snapshot, compiled when they are first used, and kept while they stay the same. */
import type { Turn } from '../../http/background.ts';
import type { Pool } from '../../send/connections.ts';
import type { CompiledDocument } from '../compile.ts';
import type { DocumentRecord } from './format.ts';
import type { FindRecord, Surroundings } from './linked-objects.ts';
import type { Snapshot } from './read.ts';

/** @returns undefined for a document that cannot be built */
export type CompileRecord = (
  record: DocumentRecord,
  surroundings: Surroundings,
) => Promise<CompiledDocument | undefined>;

/** The documents of a snapshot that are in use. */
export interface CompiledDocuments {
  /**
   * @param place of a document in the snapshot
   * @returns undefined for a document that cannot be built here, though the publisher accepted it; the log names it
   */
  get(snapshot: Snapshot, place: number): Promise<CompiledDocument | undefined>;
  /**
   * Takes another snapshot's documents: of those in use the changed ones are compiled anew, the deleted ones dropped.
   *
   * @param turn awaited after each document that was compiled, and after some that were only compared
   */
  renew(snapshot: Snapshot, turn: Turn): Promise<void>;
  /** Connections of all documents that were used. */
  pools(): ReadonlySet<Pool>;
}

interface Kept {
  readonly digest: string;
  readonly compiled: Promise<CompiledDocument | undefined>;
  /** Once it is there. */
  result: CompiledDocument | undefined;
}

/** How many documents are compared at a stretch, which takes a fifth of a millisecond. */
const comparedAtOnce = 100;

/** Creates an empty set. Documents that stay the same keep their state, such as counts of limits. */
export function createCompiledDocuments(compile: CompileRecord): CompiledDocuments {
  const kept = new Map<string, Kept>();
  const compileAnew = (snapshot: Snapshot, place: number): Kept => {
    const record = snapshot.documentAt(place);
    const find: FindRecord = (parameter) => {
      const other = snapshot.findDocument(parameter);
      return other === undefined ? undefined : snapshot.documentAt(other);
    };
    const entry: Kept = {
      digest: toDigest(snapshot, place),
      compiled: compile(record, { find, hasGlobalRules: hasGlobalRules(snapshot) }).then(
        (compiled) => {
          entry.result = compiled;
          return compiled;
        },
      ),
      result: undefined,
    };
    kept.set(record.parameter, entry);
    return entry;
  };
  const byPlace = new WeakMap<Snapshot, Map<number, Kept>>();
  const placesOf = (snapshot: Snapshot): Map<number, Kept> => {
    const places = byPlace.get(snapshot) ?? new Map<number, Kept>();
    byPlace.set(snapshot, places);
    return places;
  };
  /** @returns whether the document was compiled anew. Where it stays the same, it is not even parsed. */
  const takeOver = async (snapshot: Snapshot, parameter: string, entry: Kept) => {
    const place = snapshot.findDocument(parameter);
    if (place === undefined) {
      kept.delete(parameter);
      return false;
    }
    const isSame = toDigest(snapshot, place) === entry.digest;
    const next = isSame ? entry : compileAnew(snapshot, place);
    placesOf(snapshot).set(place, next);
    if (!isSame) await next.compiled;
    return !isSame;
  };
  return {
    get(snapshot, place) {
      const places = placesOf(snapshot);
      const entry = places.get(place) ?? findKept(snapshot, place) ?? compileAnew(snapshot, place);
      places.set(place, entry);
      return entry.compiled;
    },
    async renew(snapshot, turn) {
      let compared = 0;
      for (const [parameter, entry] of [...kept]) {
        const isCompiled = await takeOver(snapshot, parameter, entry);
        compared += 1;
        if (isCompiled || compared % comparedAtOnce === 0) await turn();
      }
    },
    pools: () => new Set([...kept.values()].flatMap(({ result }) => result?.pools ?? [])),
  };

  function findKept(snapshot: Snapshot, place: number): Kept | undefined {
    const entry = kept.get(snapshot.documentAt(place).parameter);
    return entry?.digest === toDigest(snapshot, place) ? entry : undefined;
  }
}

function hasGlobalRules({ header }: Snapshot): boolean {
  return header.globalRules !== undefined;
}

/** With global rules a route may no longer be open, and without them it may be: so the document is compiled anew. */
function toDigest(snapshot: Snapshot, place: number): string {
  return `${snapshot.digestAt(place)}${hasGlobalRules(snapshot) ? ' below global rules' : ''}`;
}
