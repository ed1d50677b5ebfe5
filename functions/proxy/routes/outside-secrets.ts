/** The secrets outside of the root that documents refer to: so many and no more, and never fatal for other documents. */

import type { ReferenceRules } from '../documents/reference-rules.ts';
import { findOutsideSecrets } from '../documents/references.ts';
import type { Clock } from '../http/time.ts';
import { createNamedReader } from './named-reader.ts';
import type { ParameterReader } from './parameters.ts';

/** What reading secrets outside of the documents' root needs. */
export interface OutsideSecretsOptions {
  readonly rules: ReferenceRules;
  readonly reader: Pick<ParameterReader, 'readNamed'>;
  readonly now: Clock;
  /** Names that count as well, because documents refer to them that are not part of this reading. @default none */
  readonly held?: ReadonlySet<string> | undefined;
  /** Told of the throttling or outage that ended a reading. */
  readonly onFailure: (error: unknown) => void;
}

/** What one reading of the documents has of them. */
export interface OutsideSecrets {
  /** Reads what more documents refer to. */
  add(texts: readonly string[]): Promise<void>;
  read(name: string): string | undefined;
  /** Names that were read or tried, sorted. */
  names(): readonly string[];
  /** Why the secrets of a document were not read, as the text of `expected`; undefined if they were read. */
  findLimit(text: string): string | undefined;
}

/** Secrets outside of the root that one document may refer to. */
export const maxOutsideOfOne = 20;
/** Secrets outside of the root that all documents together may refer to. */
export const maxOutsideOfAll = 200;
const limit = `at most ${maxOutsideOfOne} secrets outside of the path in a document, and ${maxOutsideOfAll} in all documents; more go below <root>/secrets/`;

/** Decides which secrets outside of the root are read. */
export interface Admission {
  /**
   * Admits all of a document's names, or none of them.
   *
   * @param names without repetitions
   * @returns the names that are admitted for the first time
   */
  admit(names: readonly string[]): readonly string[];
  has(name: string): boolean;
  names(): readonly string[];
}

/** @param held names that documents refer to which are not part of this reading: they count as well */
export function createAdmission(held: Iterable<string> = []): Admission {
  const counted = new Set(held);
  const admitted = new Set<string>();
  return {
    admit(names) {
      const more = names.filter((name) => !counted.has(name));
      const isOver = names.length > maxOutsideOfOne || counted.size + more.length > maxOutsideOfAll;
      if (isOver) return [];
      const added = names.filter((name) => !admitted.has(name));
      for (const name of names) {
        counted.add(name);
        admitted.add(name);
      }
      return added;
    },
    has: (name) => admitted.has(name),
    names: () => [...admitted],
  };
}

/** @returns a function that begins a reading; what may not be read is remembered from one reading to the next */
export function createOutsideSecrets(options: OutsideSecretsOptions) {
  const { rules, reader, now, onFailure, held } = options;
  const named = createNamedReader({ readBatch: reader.readNamed, now });
  const find = (text: string) => [...new Set(findOutsideSecrets(text, rules))];
  return async (texts: readonly string[]): Promise<OutsideSecrets> => {
    // In the order of documents, so that every environment admits the same.
    const admission = createAdmission(held);
    let values: ReadonlyMap<string, string> = new Map();
    const admit = (text: string) => admission.admit(find(text));
    const take = (reading: Awaited<ReturnType<typeof named.readAll>>) => {
      values = reading.values;
      // Documents whose secrets are not known go on with the last ones, or lack them until the next refresh.
      if (reading.failure !== undefined) onFailure(reading.failure);
    };
    take(await named.readAll(texts.flatMap(admit)));
    return {
      async add(others) {
        const more = others.flatMap(admit);
        if (more.length > 0) take(await named.readMore(more));
      },
      read: (name) => (admission.has(name) ? values.get(name) : undefined),
      names: () => [...admission.names()].sort(),
      findLimit: (text) => (find(text).every(admission.has) ? undefined : limit),
    };
  };
}
