/** The secrets that one evaluation of documents has read. */
import type { ReferenceRules } from '../proxy/documents/reference-rules.ts';
import { findOutsideSecrets, findSecrets } from '../proxy/documents/references.ts';
import { createAdmission } from '../proxy/routes/outside-secrets.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import { admitSecrets, findHeldSecrets } from './secret-names.ts';
import type { SecretReader } from './secret-reader.ts';
import type { PublishedState } from './state.ts';

/** How secrets are read. */
export interface SecretValuesOptions {
  readonly rules: ReferenceRules;
  readonly readSecrets: SecretReader['read'];
}

/** Secrets by absolute name, as far as they are known. */
export interface SecretValues {
  readonly values: Map<string, string>;
  /** Secrets outside of the root that count for the limit, and are not part of this. */
  readonly held: ReadonlySet<string>;
  /** @returns whether there was anything new to read */
  add(texts: readonly string[]): Promise<boolean>;
  /** @returns whether secrets of a document are not read, because there are too many */
  isOverLimit(text: string): boolean;
}

/** Creates an empty set. It is told which documents are judged, so that their own secrets do not count twice. */
export function createSecretValues(
  given: readonly DocumentParameter[],
  state: PublishedState,
  { rules, readSecrets }: SecretValuesOptions,
): SecretValues {
  const held = findHeldSecrets(state, rules.root, new Set(given.map(({ name }) => name)));
  const admission = createAdmission(held);
  const values = new Map<string, string>();
  const asked = new Set<string>();
  return {
    ...{ values, held },
    async add(texts) {
      const lists = texts.map((text) => [...new Set(findSecrets(text, rules))]);
      const admitted = admitSecrets(lists, rules.root, admission);
      const more = admitted.filter((name) => !asked.has(name));
      for (const name of more) asked.add(name);
      const reading = await readSecrets(more);
      for (const [name, value] of reading.values) values.set(name, value);
      for (const name of more) {
        const published = reading.unknown.has(name) ? findPublished(name, state) : undefined;
        if (published !== undefined) values.set(name, published);
      }
      return more.length > 0;
    },
    isOverLimit: (text) => !findOutsideSecrets(text, rules).every(admission.has),
  };
}

function findPublished(name: string, { records }: PublishedState): string | undefined {
  for (const { secrets = {} } of records.values()) {
    if (Object.hasOwn(secrets, name)) return secrets[name];
  }
  return undefined;
}
