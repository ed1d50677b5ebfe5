/** What reaches the upstream, for any request: bytes of path and query, the base path, and which headers. */
import fc from 'fast-check';
import { readRequest } from '../../functions/proxy/event.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { ProxyRequest, UpstreamRequest } from '../../functions/proxy/http/message.ts';
import { createMatcher } from '../../functions/proxy/routes/create-matcher.ts';
import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import * as arbitrary from '../support/arbitraries.ts';
import { functionUrlHost, toEvent, toRequest, toRoute, toTarget } from '../support/builders.ts';
import { hopByHopNames, spoofedNames } from '../support/header-names.ts';
import { toRuns } from '../support/sample.ts';

/** Event → match → rewrite; undefined where a stage refuses. */
function forward(event: unknown, uri: string, base: string): UpstreamRequest | undefined {
  try {
    const request: ProxyRequest = readRequest(event, 'id');
    const { rest } = createMatcher([toRoute({ uri })]).match(request);
    const target = toTarget(`https://${functionUrlHost}${base}`);
    return rewriteRequest(request, rest, {
      target,
      forwardAs: 'x-original-authorization',
      apiKey: undefined,
    });
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}

/** DESIGN.md, wire rules: bytes outside 0x21 to 0x7E and `#` are encoded, nothing else; written here once more. */
function toSentBytes(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte > 0x20 && byte < 0x7f && byte !== 0x23
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

test('a query arrives byte for byte, but for + and what cannot stand on a request line', () => {
  fc.assert(
    fc.property(arbitrary.rawQuery, (rawQueryString) => {
      const sent = forward(toEvent({ rawQueryString }), '/*', '/base?own=1');
      const expected = toSentBytes(rawQueryString).replaceAll('+', '%20');
      expect(sent?.query).toBe(expected === '' ? 'own=1' : `own=1&${expected}`);
    }),
    { numRuns: arbitrary.numRuns },
  );
});

test('what follows the prefix arrives byte for byte, but for what cannot stand on a request line', () => {
  fc.assert(
    fc.property(arbitrary.rawPath, (path) => {
      const rest = path.slice(1);
      const sent = forward(toEvent({ rawPath: `/aws/${rest}` }), '/aws/*', '/base');
      if (!sent) return;
      expect(sent.path).toBe(`/base/${toSentBytes(rest).replace(/^\//, '')}`);
    }),
    { numRuns: toRuns(1000) },
  );
});

const base = '/stage/base';

/** The path as the most lenient reader sees it: decoded to the end, parameters cut off, dot segments followed. */
function toLenientPath(path: string): string {
  const decoded = decodeFully(path)
    .replace(/\0.*$/s, '')
    .replaceAll('\\', '/')
    .replace(/[?#].*$/s, '');
  const kept: string[] = [];
  for (const segment of decoded.split('/').map((part) => part.replace(/;.*$/s, ''))) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

function decodeFully(text: string): string {
  const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decoded === text ? text : decodeFully(decoded);
}

const hostile = fc.constantFrom(
  '..',
  '.',
  '%2e',
  '%2E',
  '%252e',
  '%25252e',
  '/',
  '//',
  '%2f',
  '%5c',
  '\\',
  ';',
  '%3b',
  '?',
  '#',
  '%3f',
  '%23',
  '%00',
  '\0',
  '%',
  '%25',
  'a',
  'x',
  ' ',
);
const hostilePath = fc.array(hostile, { maxLength: 8 }).map((parts) => parts.join(''));

test.each(['/*', '/aws/*', '/aws*', '/a.*', '/:any/*', '/:any/a*', '/aws.'])(
  'behind the uri %s no path leaves the base path, however it is spelt and whoever reads it',
  (uri) => {
    const start = uri.replace(':any', 'any').replace(/\*$/, '');
    fc.assert(
      fc.property(hostilePath, (path) => {
        const sent = forward(toEvent({ rawPath: start + path }), uri, base);
        if (!sent) return;
        expect(sent.path.startsWith(base)).toBe(true);
        expect(`${toLenientPath(sent.path)}/`).toMatch(/^\/stage\/base\//);
        expect(sent.path).toMatch(/^[\x21-\x7e]*$/);
        expect(sent.path).not.toMatch(/[?#]/);
      }),
      { numRuns: toRuns(2000) },
    );
  },
);

test.each([
  ['/aws*', '/aws../admin'],
  ['/aws*', '/aws..'],
  ['/aws*', '/aws%2e%2e/admin'],
  ['/aws*', '/aws..;/admin'],
  ['/aws*', '/aws./x'],
  ['/a.*', '/a../admin'],
])(
  'behind the partial prefix %s the path %s does not become a dot segment of its own',
  (uri, rawPath) => {
    const sent = forward(toEvent({ rawPath }), uri, base);
    expect(sent === undefined ? base : toLenientPath(sent.path)).toMatch(/^\/stage\/base/);
    expect(sent?.path ?? '').not.toMatch(/\/(\.|%2e){1,2}(;|\/|$)/i);
  },
);

const names = fc.oneof(
  arbitrary.headerName,
  fc.constantFrom(
    ...hopByHopNames,
    ...spoofedNames,
    'authorization',
    'host',
    'content-length',
    'via',
    'expect',
    'x-forwarded-for',
    'cookie',
  ),
);
const headers = fc.dictionary(names, fc.constantFrom('client', 'client, client'), { maxKeys: 12 });
const connection = fc.option(
  fc.array(names, { maxLength: 4 }).map((list) => list.join(', ')),
  { nil: undefined },
);

test('no hop-by-hop, Connection-named or x-amz-* header of a client survives, and ours stand once', () => {
  fc.assert(
    fc.property(headers, connection, (sent, named) => {
      const inbound = named === undefined ? sent : { ...sent, connection: named };
      const request = readRequest(toEvent({ headers: inbound, method: 'POST' }), 'id');
      const options = { target: toTarget(), forwardAs: 'x-carried', apiKey: 'ours' };
      const list = rewriteRequest(request, undefined, options).headers;
      const dropped = new Set(named?.split(', ') ?? []);
      for (const [name, value] of list) {
        expect(hopByHopNames).not.toContain(name);
        expect(name).not.toMatch(/^x-amz-/);
        const isClients = value === 'client' || value === 'client, client';
        if (isClients && name !== 'x-carried') expect(dropped).not.toContain(name);
      }
      for (const own of [
        'host',
        'via',
        'x-forwarded-for',
        'x-forwarded-proto',
        'content-length',
        'x-api-key',
        'accept-encoding',
      ]) {
        expect(list.filter(([name]) => name === own)).toHaveLength(1);
      }
      expect(list.filter(([name]) => name === 'x-carried').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: toRuns(1000) },
  );
});

test('every other header of a client arrives as it is', () => {
  fc.assert(
    fc.property(arbitrary.headerName, arbitrary.asciiValue, (name, value) => {
      const own = `x-own-${name}`;
      const { headers: list } = rewriteRequest(
        toRequest({ headers: { [own]: value } }),
        undefined,
        {
          target: toTarget(),
          forwardAs: '',
          apiKey: undefined,
        },
      );
      expect(list).toContainEqual([own, value]);
    }),
    { numRuns: arbitrary.numRuns },
  );
});
