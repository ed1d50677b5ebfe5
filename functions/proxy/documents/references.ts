/** `$secret://ssm/<name>` and `$env://NAME` inside a plugin's configuration, resolved when a document is loaded. */

import { pointerTo, referenceError } from './document-error.ts';
import {
  isConsumerSecret,
  judgeSecret,
  judgeVariable,
  type ReferenceRules,
  type Ruling,
  toConsumerSecrets,
} from './reference-rules.ts';

/** Looks up the values of references, and holds the rules that say which references are allowed. */
export interface ReferenceSource {
  readonly rules: ReferenceRules;
  /** By absolute name; undefined when there is no such secret. */
  readSecret(name: string): string | undefined;
  /** Why secrets outside of the root were not even read, where that is so: what was expected. */
  readonly limit?: string | undefined;
  readVariable(name: string): string | undefined;
}

/** A value of a document in which every reference is replaced by the value behind it. */
export interface Resolved {
  readonly value: unknown;
  /** The strings that were put in, for the document's digest. */
  readonly substituted: readonly string[];
}

const pattern = /^\$(secret|env):\/\/(.*)$/is;
const secretPattern = /^ssm\/(.+)$/s;

/** Whether a string of a plugin's settings stands for another one. */
export function isReference(text: string): boolean {
  return text.startsWith('$') && pattern.test(text);
}

/** Where a value stands. */
export interface ReferencePlace {
  readonly pointer: string;
  /** Whether the document is a consumer's or a credential. Others may not refer to secrets of consumers. */
  readonly isOfConsumer: boolean;
}

/**
 * Replaces every string that is a reference.
 *
 * @throws DocumentError for a reference that does not resolve: it is never used literally
 */
export function resolveReferences(
  value: unknown,
  source: ReferenceSource,
  { pointer, isOfConsumer }: ReferencePlace,
): Resolved {
  const substituted: string[] = [];
  const resolve = (current: unknown, at: string): unknown => {
    if (typeof current === 'string') {
      const match = isReference(current) && pattern.exec(current);
      if (!match) return current;
      const text = resolveOne(current, match, { source, pointer: at, isOfConsumer });
      substituted.push(text);
      return text;
    }
    return mapValues(current, (item, key) => resolve(item, pointerTo(at, key)));
  };
  return { value: resolve(value, pointer), substituted };
}

/** @returns the absolute names of the secrets that a document may refer to and does, JSON or not */
export function findSecrets(text: string, rules: ReferenceRules): string[] {
  const written = text.matchAll(/"\$secret:(?:\\?\/){2}ssm\\?\/([^"]+)"/gi);
  return [...written].flatMap(([, name = '']) => {
    const ruling = judgeSecret(decode(name), rules);
    return 'name' in ruling ? [ruling.name] : [];
  });
}

/** As JSON reads it; a name that it cannot read is no name. */
function decode(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return '';
  }
}

/** @returns those of them that are not below the root, where everything is read anyway */
export function findOutsideSecrets(text: string, rules: ReferenceRules): string[] {
  return findSecrets(text, rules).filter((name) => !name.startsWith(`${rules.root}/`));
}

/** @returns undefined for a string of a plugin's settings that is no reference */
export function findRuling(text: string, rules: ReferenceRules): Ruling | undefined {
  const match = text.startsWith('$') ? pattern.exec(text) : null;
  return match ? judge(match, rules) : undefined;
}

interface ResolveContext extends ReferencePlace {
  readonly source: ReferenceSource;
}

function resolveOne(
  written: string,
  match: readonly string[],
  { source, pointer, isOfConsumer }: ResolveContext,
): string {
  const ruling = judge(match, source.rules);
  if ('expected' in ruling) throw referenceError(pointer, written, ruling.expected);
  const { name } = ruling;
  const isVariable = isEnv(match);
  if (!isVariable && !isOfConsumer && isConsumerSecret(name, source.rules)) {
    const folder = toConsumerSecrets(source.rules.root);
    const expected = `another secret: only documents of consumers refer to what is below ${folder}/`;
    throw referenceError(pointer, written, expected);
  }
  const text = isVariable ? source.readVariable(name) : source.readSecret(name);
  if (text !== undefined) return text;
  const limit = name.startsWith(`${source.rules.root}/`) ? undefined : source.limit;
  const expected = isVariable
    ? 'an environment variable that is set'
    : (limit ?? `a parameter ${name} that the proxy's role may read`);
  throw referenceError(pointer, written, expected);
}

function judge(match: readonly string[], rules: ReferenceRules): Ruling {
  const [, , rest = ''] = match;
  if (isEnv(match)) return judgeVariable(rest, rules);
  const name = secretPattern.exec(rest)?.[1];
  if (name !== undefined) return judgeSecret(name, rules);
  return { expected: '$secret://ssm/<name> (the only secret manager here is ssm)' };
}

function isEnv([, kind = '']: readonly string[]): boolean {
  return kind.toLowerCase() === 'env';
}

function mapValues(value: unknown, map: (item: unknown, key: string | number) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines own properties, so a key like __proto__ stays a key and is refused as unknown.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item, key)]));
}
