/** `$secret://ssm/<name>` and `$env://NAME` inside a plugin's configuration, resolved when a document is loaded. */
import { pointerTo, referenceError } from './document-error.ts';

export interface ReferenceSource {
  /** Below `<root>/secrets/`, or absolute when it begins with `/`; undefined when there is no such secret. */
  readSecret(name: string): string | undefined;
  readVariable(name: string): string | undefined;
}

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

/**
 * Replaces every string that is a reference.
 *
 * @throws DocumentError for a reference that does not resolve: it is never used literally
 */
export function resolveReferences(
  value: unknown,
  source: ReferenceSource,
  pointer: string,
): Resolved {
  const substituted: string[] = [];
  const resolve = (current: unknown, at: string): unknown => {
    if (typeof current === 'string') {
      const match = isReference(current) && pattern.exec(current);
      if (!match) return current;
      const text = resolveOne(current, match, { source, pointer: at });
      substituted.push(text);
      return text;
    }
    return mapValues(current, (item, key) => resolve(item, pointerTo(at, key)));
  };
  return { value: resolve(value, pointer), substituted };
}

/** @returns the names of secrets that the references of a document name, as they are written, JSON or not */
export function findSecrets(text: string): string[] {
  const names = text.matchAll(/"\$secret:(?:\\?\/){2}ssm\\?\/([^"]+)"/gi);
  return [...names].map(([, name = '']) => name.replaceAll('\\/', '/'));
}

/** @returns those of them that are absolute parameter names */
export function findAbsoluteSecrets(text: string): string[] {
  return findSecrets(text).filter((name) => name.startsWith('/'));
}

interface ResolveContext {
  readonly source: ReferenceSource;
  readonly pointer: string;
}

function resolveOne(
  written: string,
  [, kind = '', rest = '']: readonly string[],
  { source, pointer }: ResolveContext,
): string {
  if (kind.toLowerCase() === 'env') {
    const text = source.readVariable(rest);
    if (text !== undefined) return text;
    throw referenceError(
      pointer,
      written,
      'an environment variable that is set and is no credential of the role',
    );
  }
  const name = secretPattern.exec(rest)?.[1];
  if (name === undefined) {
    throw referenceError(
      pointer,
      written,
      '$secret://ssm/<name> (the only secret manager here is ssm)',
    );
  }
  const text = source.readSecret(name);
  if (text !== undefined) return text;
  const place = name.startsWith('/') ? name : `<root>/secrets/${name}`;
  throw referenceError(pointer, written, `a parameter ${place} that the proxy's role may read`);
}

function mapValues(value: unknown, map: (item: unknown, key: string | number) => unknown): unknown {
  if (Array.isArray(value)) return value.map(map);
  if (typeof value !== 'object' || value === null) return value;
  // fromEntries defines own properties, so a key like __proto__ stays a key and is refused as unknown.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, map(item, key)]));
}
