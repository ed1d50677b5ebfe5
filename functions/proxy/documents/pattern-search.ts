/**
 * Looks for a program's expressions in a text: all of them at once, in one pass, with a bound on the steps. For each character
 * it keeps the set of instructions that the text so far may have come to (Thompson 1968), and a step is one look at one of
 * them. So the time depends on steps alone, whatever the expressions and the text are.
 */
import { instructionKind, type Program } from './pattern-program.ts';

/** How a search ends. `costly`: the texts take more steps than a search may. */
export type Finding = 'found' | 'none' | 'costly';

const { fork, assertion, end, character: oneCharacter } = instructionKind;
const beyondAscii = 128;
/** Whether a class has a character beyond ASCII is looked up in a table, which takes about as long as so many steps. */
const stepsBeyond = 8;
const noCharacter = -1;
const newline = 0x0a;

/** The flags of RE2's assertions (`^`, `$`, `\A`, `\z`, `\b`, `\B`). */
const beginsLine = 1;
const endsLine = 2;
const beginsText = 4;
const endsText = 8;
const isAtBoundary = 16;
const isNoBoundary = 32;

/** Where a match may begin, by the character that follows. */
interface Beginnings {
  /** An expression is found without any further character. */
  readonly isFound: boolean;
  /** Where those for a character begin in `list`; those for characters beyond ASCII come last. */
  readonly from: Int32Array;
  readonly list: Int32Array;
}

/** What a search writes to while it is under way. */
interface Walk {
  readonly program: Program;
  /** By assertion flags. */
  readonly beginnings: Map<number, Beginnings>;
  /** By instruction: the last time that it was reached. */
  readonly reachedAt: Uint32Array;
  now: number;
  /** Branches still to be followed. */
  readonly pending: Int32Array;
  /** The instructions that wait for a character. */
  waiting: Int32Array;
  waitingCount: number;
  /** The same, for the character before. */
  before: Int32Array;
  steps: number;
}

/**
 * @returns looks through texts in their order, with `maxSteps` for all of them together, and ends with the first that an
 *   expression is found in
 */
export function createSearch(
  program: Program,
): (texts: readonly string[], maxSteps: number) => Finding {
  const { size } = program;
  const walk: Walk = {
    program,
    beginnings: new Map(),
    reachedAt: new Uint32Array(size),
    now: 0,
    pending: new Int32Array(size + 2),
    waiting: new Int32Array(size),
    waitingCount: 0,
    before: new Int32Array(size),
    steps: 0,
  };
  return (texts, maxSteps) => {
    walk.steps = 0;
    for (const text of texts) {
      const finding = searchText(walk, text, maxSteps);
      if (finding !== 'none') return finding;
    }
    return 'none';
  };
}

function searchText(walk: Walk, text: string, maxSteps: number): Finding {
  const { askedFlags } = walk.program;
  let character = readCharacter(text, 0);
  let flags = toFlags(noCharacter, character) & askedFlags;
  walk.waitingCount = 0;
  for (let at = 0; ; at += 1) {
    const beginnings = walk.beginnings.get(flags) ?? findBeginnings(walk, flags);
    if (beginnings.isFound) return 'found';
    if (character === noCharacter) return 'none';
    // Characters beyond 0xffff are two units of a string.
    if (character > 0xffff) at += 1;
    const next = readCharacter(text, at + 1);
    flags = toFlags(character, next) & askedFlags;
    if (take(walk, { character, beginnings, flags })) return 'found';
    if (walk.steps > maxSteps) return 'costly';
    character = next;
  }
}

function readCharacter(text: string, at: number): number {
  return text.codePointAt(at) ?? noCharacter;
}

interface Character {
  readonly character: number;
  /** For where the character begins. */
  readonly beginnings: Beginnings;
  /** For where it ends. */
  readonly flags: number;
}

/** @returns whether an expression ends with the character */
function take(walk: Walk, { character, beginnings, flags }: Character): boolean {
  const { waiting: before, waitingCount: count, program } = walk;
  walk.waiting = walk.before;
  walk.before = before;
  walk.waitingCount = 0;
  begin(walk);
  const bucket = Math.min(character, beyondAscii);
  const first = beginnings.from[bucket] as number;
  const last = beginnings.from[bucket + 1] as number;
  const looks = count + last - first;
  walk.steps += bucket === beyondAscii ? looks * stepsBeyond + 1 : looks + 1;
  for (let index = 0; index < count; index += 1) {
    const instruction = before[index] as number;
    if (!takes(program, instruction, character)) continue;
    if (reach(walk, program.next[instruction] as number, flags)) return true;
  }
  for (let index = first; index < last; index += 1) {
    const instruction = beginnings.list[index] as number;
    if (bucket === beyondAscii && !program.takesBeyond(instruction, character)) continue;
    if (reach(walk, program.next[instruction] as number, flags)) return true;
  }
  return false;
}

function takes(program: Program, instruction: number, character: number): boolean {
  if (character >= beyondAscii) {
    return program.isBeyond[instruction] === 1 && program.takesBeyond(instruction, character);
  }
  const word = program.ascii[instruction * 4 + (character >> 5)] as number;
  return ((word >>> (character & 31)) & 1) === 1;
}

/** A new place in the text, where nothing has been reached yet. */
function begin(walk: Walk): void {
  walk.now += 1;
  if (walk.now <= 0xffffffff) return;
  walk.reachedAt.fill(0);
  walk.now = 1;
}

/**
 * Goes on from an instruction to all that wait for a character, each at most once for a place in the text.
 *
 * @returns whether an expression ends here
 */
function reach(walk: Walk, from: number, flags: number): boolean {
  const { reachedAt, now, pending, waiting } = walk;
  const { kinds, next, other } = walk.program;
  pending[0] = from;
  let count = 1;
  while (count > 0) {
    count -= 1;
    walk.steps += 1;
    const instruction = pending[count] as number;
    if (reachedAt[instruction] === now) continue;
    reachedAt[instruction] = now;
    switch (kinds[instruction]) {
      case end:
        return true;
      case fork:
        pending[count] = other[instruction] as number;
        pending[count + 1] = next[instruction] as number;
        count += 2;
        break;
      case assertion:
        pending[count] = next[instruction] as number;
        count += ((other[instruction] as number) & ~flags) === 0 ? 1 : 0;
        break;
      case oneCharacter:
        waiting[walk.waitingCount] = instruction;
        walk.waitingCount += 1;
        break;
    }
  }
  return false;
}

/** Most expressions begin with some characters only, so that most of them cost nothing at most places of a text. */
function findBeginnings(walk: Walk, flags: number): Beginnings {
  const { program, waiting: kept, waitingCount, steps } = walk;
  walk.waiting = new Int32Array(program.size);
  walk.waitingCount = 0;
  begin(walk);
  const isFound = reach(walk, program.start, flags);
  const byCharacter = Array.from({ length: beyondAscii + 1 }, (): number[] => []);
  for (const instruction of walk.waiting.subarray(0, walk.waitingCount)) {
    for (const character of toTaken(program, instruction))
      byCharacter[character]?.push(instruction);
  }
  let length = 0;
  const ends = byCharacter.map((list) => {
    length += list.length;
    return length;
  });
  const beginnings = {
    isFound,
    from: Int32Array.of(0, ...ends),
    list: Int32Array.from(byCharacter.flat()),
  };
  walk.beginnings.set(flags, beginnings);
  // What is worked out once is not a step of this text: otherwise the answer would depend on the texts before it.
  Object.assign(walk, { waiting: kept, waitingCount, steps });
  return beginnings;
}

/** @returns the characters that an instruction takes; `beyondAscii` stands for all beyond ASCII */
function toTaken({ ascii, isBeyond }: Program, instruction: number): readonly number[] {
  const taken = isBeyond[instruction] === 1 ? [beyondAscii] : [];
  for (let word = 0; word < 4; word += 1) {
    let bits = ascii[instruction * 4 + word] as number;
    while (bits !== 0) {
      taken.push(word * 32 + 31 - Math.clz32(bits & -bits));
      bits &= bits - 1;
    }
  }
  return taken;
}

function toFlags(before: number, after: number): number {
  let flags = isWordCharacter(before) === isWordCharacter(after) ? isNoBoundary : isAtBoundary;
  if (before === noCharacter) flags |= beginsText | beginsLine;
  if (before === newline) flags |= beginsLine;
  if (after === noCharacter) flags |= endsText | endsLine;
  if (after === newline) flags |= endsLine;
  return flags;
}

function isWordCharacter(character: number): boolean {
  const lower = character | 0x20;
  const isLetter = lower >= 0x61 && lower <= 0x7a;
  return isLetter || (character >= 0x30 && character <= 0x39) || character === 0x5f;
}
