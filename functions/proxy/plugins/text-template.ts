/** Texts of documents with variables in them: `client $remote_addr`, `${arg_name ?? nobody}`. `\$` is a dollar sign. */
import { documentError } from '../documents/document-error.ts';
import { parseText, type TextPart, type VariableSubject, variableWords } from './variables.ts';

/** Variables that a plugin has beside those of a request. */
export type FindMore<TSubject> = (
  name: string,
) => ((subject: TSubject) => string | undefined) | undefined;

/** Where a text stands, and what it may name. */
export interface TextOptions<TSubject> {
  readonly pointer: string;
  readonly findMore?: FindMore<TSubject>;
}

/** For messages. */
export function toUnknownWords(name: string): string {
  return `no variable ${name}: there is ${variableWords} (write \\$ for a dollar sign)`;
}

/** @returns the parts of a text, in order */
export function splitText(text: string): readonly TextPart[] {
  const [first = '', ...rest] = text.split('\\$').map(parseText);
  return [...first, ...rest.flatMap((parts) => ['$', ...parts])];
}

/**
 * @returns makes the text for a request; a variable without a value or default leaves nothing in its place
 * @throws DocumentError for a variable that there is not
 */
export function compileText<TSubject extends VariableSubject>(
  text: string,
  { pointer, findMore }: TextOptions<TSubject>,
): (subject: TSubject) => string {
  const pieces = splitText(text).map((part) => {
    if (typeof part === 'string') return () => part;
    const { name, fallback = '', isKnown } = part;
    const read = findMore?.(name) ?? (isKnown ? part.read : undefined);
    if (read) return (subject: TSubject) => read(subject) ?? fallback;
    throw documentError(pointer, text, toUnknownWords(name));
  });
  return (subject) => pieces.map((piece) => piece(subject)).join('');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controls = /[\x00-\x1f\x7f-\x9f]/g;

/**
 * As {@link compileText}, for a value of a header: a client's value may hold control characters once it is decoded, and a
 * line break would begin another header (RFC 9110 §5.5).
 *
 * @throws DocumentError
 */
export function compileHeaderText<TSubject extends VariableSubject>(
  text: string,
  options: TextOptions<TSubject>,
): (subject: TSubject) => string {
  const toText = compileText(text, options);
  return (subject) => withoutControls(toText(subject)).trim();
}

/** @returns the text with a blank for each control character */
export function withoutControls(text: string): string {
  return text.replace(controls, ' ');
}
