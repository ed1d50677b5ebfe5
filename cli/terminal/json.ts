/** Parses stored texts, which may not be JSON, because other tools can write parameters too. */
import { isTooDeep } from '../../functions/proxy/documents/depth.ts';
import { findRepeatedKey } from '../../functions/proxy/documents/repeated-key.ts';

/**
 * @returns an object with the value, or undefined if the text is not JSON, is nested too deep for a document, or has a
 * field twice, because parsers differ in which of the two counts
 */
export function findJson(text: string): { readonly value: unknown } | undefined {
  if (isTooDeep(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return findRepeatedKey(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}

/**
 * Formats JSON with two spaces of indentation. Escapes characters that could control the terminal or change the shown
 * text: control characters, invisible ones, and those that change the direction of writing.
 */
export function toJson(value: unknown): string {
  return escapeControls(JSON.stringify(value, null, 2));
}

/** JSON from a stored document, safe to show on a terminal. */
export function escapeControls(json: string): string {
  const escapeUnit = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const escaped = (text: string) => text.split('').map(escapeUnit).join('');
  return json.replaceAll(/[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}
