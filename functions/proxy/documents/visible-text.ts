/** Text of documents, as an operator may see it in a terminal, a mail or a chat. */

const maxCharacters = 300;

/**
 * Controls (line breaks and ESC among them), invisible characters, and those that turn the direction of writing: each would
 * let a document forge what stands around it.
 */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** @returns the text on one line, hidden characters as `\u{…}`, cut at 300 characters */
export function toVisible(text: string): string {
  const cut = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  return cut.replace(hidden, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
