/** Masks values in requests and texts that may be secrets; for documents see cli/terminal/mask.ts. */
import { mask } from '../terminal/mask.ts';

/** Shorter values would match ordinary text. */
const minLength = 4;
const telling = /authorization|cookie|token|secret|key|password|signature|credential/i;

/** @returns a function that masks every occurrence of the given values in a text */
export function createMasking(secrets: readonly string[]): (text: string) => string {
  const longestFirst = [...new Set(secrets)]
    .filter(({ length }) => length >= minLength)
    .sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((rest, secret) => rest.replaceAll(secret, mask), text);
}

/** Applies `change` to every string in a value. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  if (typeof value === 'string') return change(value) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => mapStrings(item, change)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, mapStrings(item, change)]);
  return Object.fromEntries(entries) as T;
}

/** Masks the value of a header. The scheme of `Authorization` stays. */
export function maskHeader(name: string, value: string): string {
  if (value.startsWith('AWS4-')) return value.replace(/Signature=[0-9a-f]*/, `Signature=${mask}`);
  if (!telling.test(name)) return value;
  const scheme = /^(Basic|Bearer|Digest|Negotiate) /i.exec(value)?.[0] ?? '';
  return `${name.includes('authorization') ? scheme : ''}${mask}`;
}

/** @returns a URL or request target in which values of parameters with secret-like names are masked */
export function maskUrl(text: string): string {
  return text.replace(/([?&])([^=&#]+)=[^&#]*/g, (whole, mark: string, name: string) =>
    telling.test(name) ? `${mark}${name}=${mask}` : whole,
  );
}
