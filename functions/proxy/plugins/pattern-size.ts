/**
 * How large the program of a regular expression becomes, found without compiling it: RE2 writes `a{1000}` out a thousand
 * times, and 8 KB of such expressions took 24 seconds and a gigabyte to compile.
 */

interface Reader {
  readonly text: string;
  index: number;
}

/** @returns an upper bound of the program's instructions, in proportion to the time that compiling takes */
export function estimateProgramSize(expression: string): number {
  return readAlternatives({ text: expression, index: 0 });
}

/** Up to the end, or to the parenthesis that closes the group. */
function readAlternatives(reader: Reader): number {
  let size = 1;
  while (reader.index < reader.text.length && reader.text[reader.index] !== ')') {
    size += readRepeated(reader);
  }
  return size;
}

function readRepeated(reader: Reader): number {
  let size = readOne(reader);
  for (let count = readCount(reader); count !== undefined; count = readCount(reader)) {
    size = size * Math.max(1, count.most) + count.optional;
  }
  return size;
}

/** One character, class or group. */
function readOne(reader: Reader): number {
  const { text } = reader;
  const first = text[reader.index];
  reader.index += 1;
  if (first === '\\') {
    reader.index += 1;
    return 1;
  }
  if (first === '[') return skipClass(reader);
  if (first !== '(') return 1;
  const size = readAlternatives(reader) + 2;
  reader.index += 1;
  return size;
}

function skipClass(reader: Reader): number {
  const { text } = reader;
  // A bracket that comes first is one of the class.
  if (text[reader.index] === '^') reader.index += 1;
  if (text[reader.index] === ']') reader.index += 1;
  while (reader.index < text.length && text[reader.index] !== ']') {
    reader.index += text[reader.index] === '\\' ? 2 : 1;
  }
  reader.index += 1;
  return 1;
}

const counted = /\{(\d{1,9})(?:(,)(\d{0,9}))?\}\??/y;

interface Count {
  /** How often what came before is written out. */
  readonly most: number;
  /** How many of those copies may be left out: each is one more instruction. */
  readonly optional: number;
}

/** @returns undefined where nothing repeats what came before */
function readCount(reader: Reader): Count | undefined {
  const { text } = reader;
  if ('*+?'.includes(text[reader.index] ?? ' ')) {
    reader.index += 1;
    return { most: 1, optional: 1 };
  }
  const pattern = new RegExp(counted);
  pattern.lastIndex = reader.index;
  const match = pattern.exec(text);
  if (!match) return undefined;
  reader.index += match[0].length;
  const least = Number(match[1]);
  const isOpen = match[2] !== undefined && !match[3];
  const most = isOpen ? least + 1 : Number(match[3] ?? least);
  return { most, optional: Math.max(0, most - least) };
}
