/** A document as it was judged → the note by which the next publication knows it again. */
import { findSecrets } from '../proxy/documents/references.ts';
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import { toUnfulfilled } from '../proxy/routes/invalid-document.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import type { SecretValues, SecretValuesOptions } from './secret-values.ts';
import { type DocumentNote, toTextDigest } from './state.ts';

/** @returns what a document that is in force lacks */
export function findLack(document: DocumentInForce): InvalidDocument | undefined {
  return document.missing.length > 0 ? toUnfulfilled(document) : undefined;
}

/** @returns why the newest version of a parameter is not in force */
export function toRefusals(
  parameter: DocumentParameter,
  invalid: readonly InvalidDocument[],
  published: DocumentRecord | undefined,
): readonly InvalidDocument[] {
  if (parameter.value === undefined) return [toUnreadable(parameter, published)];
  return invalid.filter((record) => record.parameter === parameter.name);
}

function toUnreadable(
  { name, version }: DocumentParameter,
  published: DocumentRecord | undefined,
): InvalidDocument {
  const [found, expected] = ['a value that cannot be decrypted', 'a KMS key that may be used'];
  return {
    ...{ parameter: name, version, fault: 'unfulfilled', inForce: published?.version ?? null },
    issues: [{ pointer: '', found, expected, isUnfulfilled: true }],
  };
}

/** @returns what the publisher remembers of a document */
export function toNote(
  { version, value, modifiedMs }: DocumentParameter,
  {
    refused,
    record,
  }: Pick<DocumentNote, 'refused'> & { readonly record: DocumentRecord | undefined },
  { rules, secrets }: Pick<SecretValuesOptions, 'rules'> & { readonly secrets: SecretValues },
): DocumentNote {
  return {
    ...{ version, modifiedMs },
    ...(value === undefined ? {} : { textDigest: toTextDigest(value) }),
    // An older version that is in force waits for its own secrets, which the newest one may not name.
    secrets: toSecretNames([value, record?.text], rules),
    ...(value !== undefined && secrets.isOverLimit(value) ? { isOverLimit: true } : {}),
    ...(refused ? { refused } : {}),
  };
}

function toSecretNames(
  texts: readonly (string | undefined)[],
  rules: SecretValuesOptions['rules'],
): readonly string[] {
  const names = texts.flatMap((text) => (text === undefined ? [] : findSecrets(text, rules)));
  return [...new Set(names)].sort();
}
