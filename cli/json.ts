/** JSON that may be none: what is stored was not always written by us. */

/** @returns the value in an object of its own, or undefined when the text is no JSON */
export function findJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
