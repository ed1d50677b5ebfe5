/**
 * A list of expressions as one automaton, in arrays that a search walks through quickly. RE2JS parses and compiles the
 * expressions. Its own search builds a state for each set of positions that a text reaches, which takes seconds for texts that
 * reach many of them.
 */
import { RE2Set } from 're2js';

/** What a search does at an instruction. */
export const instructionKind = { fail: 0, fork: 1, assertion: 2, end: 3, character: 4 } as const;

/** The automaton. All arrays are by instruction; `ascii` has four words for each. */
export interface Program {
  readonly size: number;
  readonly start: number;
  readonly kinds: Uint8Array;
  /** Where a search goes on. */
  readonly next: Int32Array;
  /** The second branch of a fork; the flags that an assertion asks for. */
  readonly other: Int32Array;
  /** One bit for each ASCII character that the instruction takes. */
  readonly ascii: Uint32Array;
  /** One for instructions that take characters beyond ASCII. */
  readonly isBeyond: Uint8Array;
  /** @returns whether the instruction takes the code point */
  readonly takesBeyond: (instruction: number, character: number) => boolean;
  /** The flags that assertions of the program ask for. */
  readonly askedFlags: number;
}

/** An instruction of RE2JS: its class `Inst`, which it does not export. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  /** Pairs of first and last code point, or one code point alone. */
  readonly runes: ArrayLike<number>;
  matchRune(character: number): boolean;
}

const operation = {
  fork: 1,
  forkToMatch: 2,
  capture: 3,
  assertion: 4,
  fail: 5,
  match: 6,
  nothing: 7,
} as const;
const asciiCharacters = 128;
/** Letters outside ASCII whose case folds to `k` and `s`. */
const foldedToAscii = [0x212a, 0x17f];

/**
 * @param flags of RE2JS
 * @throws RE2JSSyntaxException for what RE2 does not take
 */
export function compileProgram(expressions: readonly string[], flags: number): Program {
  const set = new RE2Set(RE2Set.UNANCHORED, flags);
  for (const text of expressions) set.add(text);
  set.compile();
  return toProgram(set.prog.inst as readonly Instruction[], set.prog.start);
}

function toProgram(instructions: readonly Instruction[], start: number): Program {
  const size = instructions.length;
  const [kinds, isBeyond] = [new Uint8Array(size), new Uint8Array(size)];
  const [next, other] = [new Int32Array(size), new Int32Array(size)];
  const ascii = new Uint32Array((size * asciiCharacters) / 32);
  let askedFlags = 0;
  const skip = (index: number) => skipNothing(instructions, index);
  for (const [index, instruction] of instructions.entries()) {
    const kind = toKind(instruction.op);
    kinds[index] = kind;
    next[index] = skip(instruction.out);
    if (kind === instructionKind.fork) other[index] = skip(instruction.arg);
    if (kind === instructionKind.assertion) {
      other[index] = instruction.arg;
      askedFlags |= instruction.arg;
    }
    if (kind !== instructionKind.character) continue;
    markAscii(instruction, ascii, index * (asciiCharacters / 32));
    isBeyond[index] = Number(mayTakeBeyond(instruction));
  }
  const takesBeyond = (index: number, character: number) =>
    (instructions[index] as Instruction).matchRune(character);
  const arrays = { kinds, next, other, ascii, isBeyond };
  return { size, start: skip(start), ...arrays, takesBeyond, askedFlags };
}

function toKind(op: number): number {
  switch (op) {
    case operation.fork:
    case operation.forkToMatch:
      return instructionKind.fork;
    case operation.assertion:
      return instructionKind.assertion;
    case operation.match:
      return instructionKind.end;
    // Nothing leads to a capture or to what does nothing.
    case operation.capture:
    case operation.nothing:
    case operation.fail:
      return instructionKind.fail;
    default:
      return instructionKind.character;
  }
}

/** Groups are not asked for, so their ends do nothing either. */
function skipNothing(instructions: readonly Instruction[], index: number): number {
  let at = index;
  for (;;) {
    const { op, out } = instructions[at] as Instruction;
    if (op !== operation.nothing && op !== operation.capture) return at;
    at = out;
  }
}

function markAscii(instruction: Instruction, ascii: Uint32Array, at: number): void {
  const { runes } = instruction;
  const isOne = runes.length === 1;
  for (let index = 0; index < runes.length; index += 2) {
    const first = isOne ? 0 : (runes[index] as number);
    const last = Math.min(
      isOne ? asciiCharacters : (runes[index + 1] as number),
      asciiCharacters - 1,
    );
    for (let character = first; character <= last; character += 1) {
      // A character alone may ignore its case; each of a range counts.
      if (isOne && !instruction.matchRune(character)) continue;
      const word = at + (character >> 5);
      ascii[word] = (ascii[word] as number) | (1 << (character & 31));
    }
  }
}

function mayTakeBeyond(instruction: Instruction): boolean {
  const { runes } = instruction;
  const isHigh = (runes[runes.length - 1] ?? 0) >= asciiCharacters;
  return isHigh || foldedToAscii.some((character) => instruction.matchRune(character));
}
