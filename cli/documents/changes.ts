/** Finds the pointers at which two versions of a document differ. */
import { isDeepStrictEqual } from 'node:util';
import { pointerTo } from '../../functions/proxy/documents/document-error.ts';
import { findJson } from '../terminal/json.ts';

/** @returns pointers with `+`, `-` or `~` in front; nothing for the first version */
export function findChanges(before: string | undefined, after: string): readonly string[] {
  if (before === undefined) return [];
  const [old, next] = [findJson(before), findJson(after)];
  if (old && next) return compare(old.value, next.value, '');
  return before === after ? [] : ['~ the text'];
}

function compare(before: unknown, after: unknown, pointer: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (before === undefined) return [`+${pointer}`];
  if (after === undefined) return [`-${pointer}`];
  if (!isObject(before) || !isObject(after)) return [`~${pointer === '' ? ' all of it' : pointer}`];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => compare(before[key], after[key], pointerTo(pointer, key)));
}

/** Arrays are compared as a whole, because their indices shift. */
function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
