/** JSON that may be none: what is stored was not always written by us. */
import { findRepeatedKey } from '../../functions/proxy/documents/repeated-key.ts';

/**
 * @returns the value in an object of its own, or undefined when the text is no JSON, or has a field twice: readers differ
 * on which of the two counts
 */
export function findJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return findRepeatedKey(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** Two blanks of indentation. Control characters that JSON leaves as they are would steer the terminal. */
export function toJson(value: unknown): string {
  return escapeControls(JSON.stringify(value, null, 2));
}

/** JSON from a stored document, safe to show on a terminal. */
export function escapeControls(json: string): string {
  const escaped = (text: string) => `\\u00${text.charCodeAt(0).toString(16)}`;
  return json.replaceAll(/[\u007f-\u009f]/g, escaped);
}
