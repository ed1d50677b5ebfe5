/**
 * JSON.parse keeps the last of two fields with the same name and says nothing: a second `plugins` would switch off the
 * plugins of the first. RFC 8259 §4 calls such an object unpredictable.
 */
import { pointerTo } from './document-error.ts';

/** The place of a field that occurs twice in one JSON object. */
export interface RepeatedKey {
  readonly pointer: string;
  /** Where the field stands for the second time, in UTF-16 units from 0. */
  readonly offset: number;
}

interface Level {
  /** Names so far; undefined for an array. */
  readonly names: Set<string> | undefined;
  /** Name or index of what is being read. */
  at: string | number;
}

/** Strings, and what opens, closes and separates; of JSON nothing else is needed here. No string can match in two ways. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * @param text JSON that JSON.parse takes; each character is looked at once
 * @returns the first field whose name its object has already, however the two are escaped
 */
export function findRepeatedKey(text: string): RepeatedKey | undefined {
  const levels: Level[] = [];
  let isName = false;
  for (const { 0: token, index: offset } of text.matchAll(tokens)) {
    const level = levels.at(-1);
    switch (token[0]) {
      case '{':
      case '[':
        isName = token === '{';
        levels.push({ names: isName ? new Set() : undefined, at: 0 });
        break;
      case ',':
        isName = goOn(level);
        break;
      case '"':
        if (isName && isRepeated(level, token)) return { pointer: toPointer(levels), offset };
        isName = false;
        break;
      default:
        levels.pop();
    }
  }
  return undefined;
}

/** @returns whether a name comes next */
function goOn(level: Level | undefined): boolean {
  if (typeof level?.at === 'number') level.at += 1;
  return level?.names !== undefined;
}

/** Notes the name. */
function isRepeated(level: Level | undefined, token: string): boolean {
  if (!level?.names) return false;
  const name = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1);
  level.at = name;
  const isKnown = level.names.has(name);
  level.names.add(name);
  return isKnown;
}

function toPointer(levels: readonly Level[]): string {
  return levels.reduce((pointer, { at }) => pointerTo(pointer, at), '');
}
