/**
 * Readers of context values. `-c` passes strings; cdk.json may contain any JSON. Each reader throws an error that names
 * the key.
 */
import type { Node } from 'constructs';

/**
 * Reads a text from the context.
 *
 * @returns undefined where the key is not set.
 * @throws Error that names the key, what was found and what was expected
 */
export function readText(node: Node, key: string): string | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(key, value, 'a text');
}

/**
 * Reads `true` or `false` from the context.
 *
 * @returns undefined where the key is not set.
 * @throws Error that names the key, what was found and what was expected
 */
export function readFlag(node: Node, key: string): boolean | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(key, value, 'true or false');
}

/**
 * Reads a whole number from the context.
 *
 * @returns undefined where the key is not set.
 * @throws Error that names the key, what was found and what was expected
 */
export function readCount(node: Node, key: string): number | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (/^\d+$/.test(String(value))) return Number(value);
  throw invalid(key, value, 'a whole number');
}

/**
 * Reads texts from the context, from an array or separated by commas.
 *
 * @returns undefined where the key is not set.
 * @throws Error that names the key, what was found and what was expected
 */
export function readList(node: Node, key: string): readonly string[] | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  const items: unknown = typeof value === 'string' ? value.split(',').map((s) => s.trim()) : value;
  if (isTexts(items)) return items;
  throw invalid(key, value, 'texts separated by commas, or an array of them');
}

/** @param choices the allowed texts, and the values that they mean */
export function readChoice<T>(
  node: Node,
  key: string,
  choices: Readonly<Record<string, T>>,
): T | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  const choice = Object.entries(choices).find(([name]) => name === String(value));
  if (choice) return choice[1];
  throw invalid(key, value, Object.keys(choices).join(', '));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

function invalid(key: string, value: unknown, expected: string): Error {
  return new Error(`Context ${key} is ${JSON.stringify(value)}; expected ${expected}.`);
}
