/** The faults of a plugin's settings: their own text is wrong, or something that they need is missing. */
import type * as v from 'valibot';
import { DocumentError, type DocumentIssue } from '../documents/document-error.ts';
import { readPointer } from '../documents/pointer.ts';
import { isReference } from '../documents/references.ts';
import { parseWith } from '../documents/schema.ts';
import type { PluginServices } from '../plugins/plugin.ts';

/** A plugin's settings, and their place in the document. */
export interface Settings {
  /** JSON pointer of the settings inside the document. */
  readonly pointer: string;
  /** As they were written, references unresolved. */
  readonly written: unknown;
  /** What the references among them lack; the settings cannot be used while there is anything. */
  readonly missing: readonly DocumentIssue[];
}

/** A part of a document to be made, such as a plugin. */
export interface Attempt<T> {
  /** Judges as much of the settings as can be judged while a reference is missing. */
  readonly schema: v.GenericSchema;
  /** Makes something of settings that lack nothing. */
  readonly make: () => T;
  readonly log: PluginServices['log'];
}

/** The result of an attempt: the part, or issues that say what it needs and lacks. */
export type Outcome<T> = { readonly made: T } | { readonly missing: readonly DocumentIssue[] };

/**
 * @returns what was made of settings, or the issues that say what is missing
 * @throws DocumentError when the text itself is wrong
 */
export function fulfil<T>(settings: Settings, { schema, make, log }: Attempt<T>): Outcome<T> {
  const { pointer, written, missing } = settings;
  try {
    if (missing.length === 0) return { made: make() };
    parseWith(schema, withoutMeta(written), settings);
    return { missing };
  } catch (error) {
    if (!(error instanceof DocumentError)) {
      // A bug of the proxy. The text may be valid, and the access plugins that it asks for must not be left out.
      log('error', 'settings of a plugin could not be made use of', { pointer, error });
      const [found, expected] = ['settings that the proxy fails on', 'none'];
      return { missing: [{ pointer, found, expected, isUnfulfilled: true }] };
    }
    const issues = error.issues.map((issue) => judgeIssue(issue, settings));
    const malformed = issues.filter(({ isUnfulfilled }) => !isUnfulfilled);
    if (malformed.length > 0) throw new DocumentError(malformed, { cause: error });
    return { missing: missing.length > 0 ? missing : issues };
  }
}

/** A value that is a reference, or holds one, counts as missing: its text may be right. */
function judgeIssue(issue: DocumentIssue, { pointer, written }: Settings): DocumentIssue {
  const value = readPointer(written, issue.pointer.slice(pointer.length));
  return holdsReference(value) ? { ...issue, isUnfulfilled: true } : issue;
}

function holdsReference(value: unknown): boolean {
  if (typeof value === 'string') return isReference(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsReference);
}

function withoutMeta(written: unknown): unknown {
  const { _meta, ...config } = Object(written);
  return config;
}
