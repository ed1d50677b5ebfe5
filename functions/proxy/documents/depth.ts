/** How deep a text is nested, found out without recursion: what reads JSON level by level runs out of stack. */

/** No document needs half of them. */
export const maxLevels = 64;

/** @param text JSON, or anything else: brackets count wherever they stand outside of strings */
export function isTooDeep(text: string): boolean {
  let levels = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = findEnd(text, at);
    else if (character === '{' || character === '[') levels += 1;
    else if (character === '}' || character === ']') levels -= 1;
    if (levels > maxLevels) return true;
  }
  return false;
}

/** @returns where the string that begins at `start` ends, by its quote or with the text */
function findEnd(text: string, start: number): number {
  let at = start + 1;
  // What is escaped ends no string.
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}
