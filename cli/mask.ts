/** Takes out of what is printed whatever may be a secret. */
import { pointerTo, secretName } from '../functions/proxy/routes/document-error.ts';

export const masked = '***';

/** Too short to be told from ordinary text; no secret that deserves the name is. */
const leastLength = 4;
const headerName = /authorization|cookie|token|secret|key|password|signature|credential/;
const reference = /^\$(secret|env):\/\//i;

/** @returns a function that replaces the given values wherever they stand in a text */
export function createMask(secrets: readonly string[]): (text: string) => string {
  const longestFirst = [...new Set(secrets)]
    .filter(({ length }) => length >= leastLength)
    .sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
}

/** Applies a mask to every string of a value. */
export function maskStrings<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => maskStrings(item, mask)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, maskStrings(item, mask)]);
  return Object.fromEntries(entries) as T;
}

/** A plugin's settings as they may be shown: references as they stand, other secrets not. */
export function maskSettings(value: unknown, pointer = ''): unknown {
  if (typeof value === 'string') {
    if (reference.test(value)) return value;
    return secretName.test(pointer) ? masked : maskUrl(value);
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => maskSettings(item, pointerTo(pointer, index)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, maskSettings(item, pointerTo(pointer, name))]),
  );
}

/** The value of a header as it may be shown; of `Authorization` its scheme stays. */
export function maskHeader(name: string, value: string): string {
  if (value.startsWith('AWS4-')) {
    return value.replace(/Signature=[0-9a-f]*/, `Signature=${masked}`);
  }
  if (!headerName.test(name)) return value;
  const scheme = /^(Basic|Bearer|Digest|Negotiate) /i.exec(value)?.[0] ?? '';
  return `${name.includes('authorization') ? scheme : ''}${masked}`;
}

/** A URL or request target with the values of telling parameters taken out. */
export function maskUrl(text: string): string {
  return text.replace(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, name: string) =>
    secretName.test(name) || headerName.test(name.toLowerCase())
      ? `${mark}${name}=${masked}`
      : whole,
  );
}
