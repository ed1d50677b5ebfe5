/** Texts that are most expensive to read: a megabyte of one repeated part, in each place that a client may write. */
import type { ClientRequest } from './client.ts';

export const parts = [
  ...[
    '%FF&',
    '%',
    '%25',
    '%25252541',
    '%26%3D',
    '&',
    '=&',
    'a=&',
    'X-Amz-Date=%41&',
    '%58-Amz-Date&',
    '+',
  ],
  ...[
    ';',
    'a=;',
    ' ; ',
    '.',
    ',',
    ' , ',
    'a  ',
    '\t',
    ' ',
    '::1,',
    ':',
    '[',
    '1',
    'a',
    'a.',
    '"',
    '\\',
  ],
  ...['/', 'a/', '//a', '/.a', '%2F', ';a/', '?', 'é'],
] as const;

/** @returns the repeated part as a flat string; `repeat` makes a rope, whose flattening must not be measured */
export function fill(part: string, characters: number): string {
  const text = part.repeat(Math.ceil(characters / part.length)).slice(0, characters);
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** What no name of a header has (RFC 9110 §5.6.2). */
const notInName = /[^\w!#$%&'*+.^`|~-]/g;

type Place = (text: string) => Partial<ClientRequest>;

const headerNames = [
  'authorization',
  'connection',
  'content-type',
  'cookie',
  'host',
  'x-forwarded-for',
];

export const places: Readonly<Record<string, Place>> = {
  path: (text) => ({ target: `${toTarget(text).replaceAll('?', '!')}` }),
  query: (text) => ({ target: `?${toTarget(text)}` }),
  body: (text) => ({ method: 'POST', body: Buffer.from(text, 'latin1') }),
  // Names of at most 256 characters, each with a number at its end.
  'names of headers': (text) => ({
    headers: Array.from({ length: Math.floor(text.length / 256) }, (_, index) => [
      `${text.slice(0, 240).replace(notInName, '!')}${index}`,
      '',
    ]),
  }),
  ...Object.fromEntries(
    headerNames.map((name) => [name, (text: string) => ({ headers: [[name, `${text}x`]] })]),
  ),
};

/** Characters that a request line cannot contain are replaced by `~`. */
function toTarget(text: string): string {
  return text.replace(/[^!-~]/g, '~');
}
