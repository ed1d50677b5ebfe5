/**
 * How large the program of a regular expression becomes, found without compiling it: RE2 writes `a{1000}` out a thousand
 * times, and 8 KB of such expressions took 24 seconds and a gigabyte to compile. Categories of Unicode count as well: each is
 * a table of hundreds of ranges, which RE2 copies and sorts.
 */

interface Reader {
  readonly text: string;
  index: number;
  /** How many groups are open. */
  depth: number;
  /** What named classes (`\pL`, `[:alpha:]`) cost to read, once each: a repetition copies what has been read. */
  tableSteps: number;
}

/** `[\pL\pL…]` takes 0.15 ms for each `\pL`, and 0.3 ms under `(?i)`; an instruction takes 0.05 ms at most. */
const stepsOfCategory = 20;
const stepsOfNamedClass = 1;

/** RE2 itself refuses expressions that nest deeper. */
const maxDepth = 1000;

/** @returns about the instructions of the program, never less than half of them: compiling takes time in proportion */
export function estimateProgramSize(expression: string): number {
  const reader = { text: expression, index: 0, depth: 0, tableSteps: 0 };
  let size = readAlternatives(reader);
  // A parenthesis that closes nothing, which RE2 refuses; the rest is counted all the same.
  while (reader.index < expression.length) {
    reader.index += 1;
    size += readAlternatives(reader);
  }
  return size + reader.tableSteps;
}

/** Up to the end, or to the parenthesis that closes the group. */
function readAlternatives(reader: Reader): number {
  let size = 1;
  let last = 0;
  while (reader.index < reader.text.length && reader.text[reader.index] !== ')') {
    const next = readOne(reader);
    // Behind what is nothing, such as `(?i)`, a repetition is one of what came before.
    if (next > 0) last = next;
    const repeated = readRepetitions(reader, last);
    size += next + repeated - last;
    last = repeated;
  }
  return size;
}

function readRepetitions(reader: Reader, once: number): number {
  let size = once;
  for (let count = readCount(reader); count !== undefined; count = readCount(reader)) {
    size = size * Math.max(1, count.max) + count.optional;
  }
  return size;
}

/** One character, quotation, class or group. */
function readOne(reader: Reader): number {
  const { text } = reader;
  const first = text[reader.index];
  if (first === '(') return readGroup(reader);
  reader.index += 1;
  if (first === '\\') return skipEscape(reader);
  if (first === '[') skipClass(reader);
  return 1;
}

function readGroup(reader: Reader): number {
  if (skipMatch(reader, /\(\?[\w-]*\)/y)) return 0;
  reader.index += 1;
  if (reader.depth === maxDepth) return 1;
  reader.depth += 1;
  const size = readAlternatives(reader) + 2;
  reader.depth -= 1;
  reader.index += 1;
  return size;
}

/** `\Q…\E` is literal text; the number in `\x{2028}` repeats nothing. */
function skipEscape(reader: Reader): number {
  const { text } = reader;
  if (text[reader.index] === 'Q') {
    const start = reader.index + 1;
    const end = text.indexOf('\\E', start);
    reader.index = end === -1 ? text.length : end + 2;
    return (end === -1 ? text.length : end) - start;
  }
  skipEscaped(reader);
  return 1;
}

/** What stands behind a backslash. */
function skipEscaped(reader: Reader): void {
  if (isCategory(reader)) reader.tableSteps += stepsOfCategory;
  if (!skipMatch(reader, /[xpP]\{[^}]*\}/y)) reader.index += 1;
}

function isCategory({ text, index }: Reader): boolean {
  return text[index] === 'p' || text[index] === 'P';
}

function skipClass(reader: Reader): void {
  const { text } = reader;
  if (text[reader.index] === '^') reader.index += 1;
  // A bracket that comes first is one of the class.
  let isFirst = true;
  while (reader.index < text.length && (isFirst || text[reader.index] !== ']')) {
    skipOfClass(reader);
    isFirst = false;
  }
  reader.index += 1;
}

/** A class that has a name (`[:alpha:]`, `\d`, `\pL`), a character, or a range of them, whose end may be a bracket. */
function skipOfClass(reader: Reader): void {
  const start = reader.index;
  if (
    skipMatch(reader, /\[:[^\]]*:\]/y) ||
    skipMatch(reader, /\\(?:[dDsSwW]|[pP](?:\{[^}]*\}|.?))/sy)
  ) {
    const isUnicode = isCategory({ ...reader, index: start + 1 });
    reader.tableSteps += isUnicode ? stepsOfCategory : stepsOfNamedClass;
    return;
  }
  skipClassCharacter(reader);
  if (skipMatch(reader, /-(?!\])/y)) skipClassCharacter(reader);
}

function skipClassCharacter(reader: Reader): void {
  const isEscape = reader.text[reader.index] === '\\';
  reader.index += 1;
  if (isEscape) skipEscaped(reader);
}

/** @param expression sticky; a literal of the caller, since a match moves its place */
function skipMatch(reader: Reader, expression: RegExp): boolean {
  expression.lastIndex = reader.index;
  const isMatch = expression.test(reader.text);
  if (isMatch) reader.index = expression.lastIndex;
  return isMatch;
}

interface Count {
  /** How often what came before is written out. */
  readonly max: number;
  /** How many of those copies may be left out: each is one more instruction. */
  readonly optional: number;
}

/** @returns undefined where nothing repeats what came before */
function readCount(reader: Reader): Count | undefined {
  const { text } = reader;
  if ('*+?'.includes(text[reader.index] ?? ' ')) {
    reader.index += 1;
    return { max: 1, optional: 1 };
  }
  const counted = /\{(\d{1,9})(?:(,)(\d{0,9}))?\}\??/y;
  counted.lastIndex = reader.index;
  const match = counted.exec(text);
  if (!match) return undefined;
  reader.index += match[0].length;
  const min = Number(match[1]);
  const isOpen = match[2] !== undefined && !match[3];
  const max = isOpen ? min + 1 : Number(match[3] ?? min);
  return { max, optional: Math.max(0, max - min) };
}
