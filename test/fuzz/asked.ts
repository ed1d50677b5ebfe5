/** Requests as fast-check makes them: honest, odd and hostile, with marked secrets where a client may have some. */
import fc from 'fast-check';
import { hopByHopNames, spoofedNames } from '../support/header-names.ts';
import { marked } from '../support/marked-secrets.ts';

export interface Asked {
  readonly method: string;
  /** `rawPath` of the event. */
  readonly path: string;
  /** `rawQueryString` of the event. */
  readonly query: string;
  /** In order; what comes twice is joined by whoever makes an event of it. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** `cookies` of the event. */
  readonly cookies: readonly string[] | undefined;
  readonly body: AskedBody;
  readonly sourceIp: string;
  readonly protocol: string;
}

/** How the body stands in the event. */
export type AskedBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'text'; readonly text: string }
  /** Text that is called base64 and may be. */
  | { readonly kind: 'base64'; readonly text: string };

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const rarely = <T>(oneIn: number, arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(often(oneIn - 1, fc.constant(undefined)), often(1, arbitrary));
const join = (parts: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(parts, { maxLength }).map((list) => list.join(''));

const hex = pick(...'0123456789abcdefABCDEF');
const triplet = fc.tuple(hex, hex).map(([high, low]) => `%${high}${low}`);
const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
const wide = pick('\u00e9', '\u03bb', '\u20ac', '\u{1f600}', '\x80', '\xff', '\ud800', '\u2028');
const latin = fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code));
const blank = pick(' ', '\t', '  ');
const lineBreak = pick('\r\n', '\n', '\r', ' HTTP/1.1\r\nhost: evil\r\n\r\n');
const subDelimiters = pick(..."!$&'()*+,;=:@-._~");
const broken = pick('%', '%%', '%2', '%zz', '%u002e');
const dot = pick(
  ...['.', '..', '%2e', '%2E', '.%2e', '%2e.', '%252e', '%25252e', '%2525252e', '..;', '.;x'],
  ...['..%2f', '..%5c', '..\\', '%2e%2e', '%c0%ae', '..%3b', '..%3f', '..%23', '...', '. .'],
);
const separator = pick('%2F', '%2f', '%5C', '\\', '%252f', ';', '%3B', '%3F', '%23', '?', '#');
const nul = pick('%00', '\0', '%2500', '%25252500');
const layers = pick('%25', '%2525', '%252525', '%2525252561', '%25252561', '%61');

const segment = join(
  fc.oneof(
    often(12, visible),
    often(6, subDelimiters),
    often(6, triplet),
    often(2, wide),
    often(2, broken),
    often(2, separator),
    often(1, dot),
    often(1, layers),
    often(1, blank),
  ),
  6,
);
const segments = fc.array(
  fc.oneof(
    often(30, segment),
    often(5, pick('', 'x', 'a.b', '..a', 'b..', '.hidden')),
    often(1, dot),
    often(1, join(fc.oneof(dot, separator, pick('x')), 4)),
    often(1, fc.oneof(often(4, nul), often(1, lineBreak))),
  ),
  { maxLength: 5 },
);
const plainBeginning = pick(
  ...['/aws/', '/aws/', '/aws/x/', '/pre', '/prefix/', '/keyed/', '/renamed/', '/dropped/'],
  ...['/plain/', '/as-is/', '/small/', '/admin/', '/users/7', '/only-get/', '/exact'],
);
const oddBeginning = pick(
  ...['/aws/', '/aws/', '/aws/', '/aws//', '//aws/', '/%61ws/', '/aws', '/a%77s///', '/AWS/'],
  ...['/pre', '/prefix/', '/pr%65/', '/pre..', '/exact', '/exact/', '/%65xact', '//exact'],
  ...['/keyed/', '/renamed/', '/dropped/', '/plain/', '/as-is/', '/small/', '/small/'],
  ...['/admin/', '//admin/', '/%61dmin/', '/admin%2f', '/users/', '/users//', '/only-get/'],
  ...['/', '//', '/bare', '/nowhere/', '', 'no-slash', '*'],
);
const path = fc
  .tuple(fc.oneof(oddBeginning, plainBeginning), segments, fc.integer({ min: 0, max: 400 }))
  .map(
    ([start, rest, luck]) => start + (luck === 300 ? 'a/%2F;'.repeat(1400) : '') + rest.join('/'),
  );

const parameterText = join(
  fc.oneof(
    visible,
    triplet,
    subDelimiters,
    pick('+', '%2B', '%2b', '%20', '/..'),
    wide,
    broken,
    dot,
  ),
  6,
);
const presignedNames = pick(
  ...['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-SignedHeaders'],
  ...['X-Amz-Signature', 'x-amz-expires', 'X%2DAmz-Security-Token', '%58-amz-signature'],
);
const presigned = fc.shuffledSubarray(
  ['Algorithm', 'Credential', 'Date', 'SignedHeaders', 'Signature', 'Expires', 'Security-Token'],
  { minLength: 5 },
);
const parameter = fc.oneof(
  often(6, parameterText),
  often(
    6,
    fc.tuple(pick('a', 'b', 'a-', 'A', '', 'a[]'), parameterText).map((pair) => pair.join('=')),
  ),
  often(3, pick('', 'a', 'a=', '=', '=v', 'a=2', 'a=1', 'b==', 'x=a;b', 'x=100%', 'x=%FF')),
  often(1, pick(`token=${marked.query}`, `sig=${encodeURIComponent(marked.query)}`)),
  often(
    1,
    presignedNames.map((name) => `${name}=1`),
  ),
  often(
    1,
    presigned.map((names) => names.map((name) => `X-Amz-${name}=1`).join('&')),
  ),
  often(1, fc.oneof(nul, lineBreak, pick('#f', ' '))),
);
const query = fc.array(parameter, { maxLength: 5 }).map((parameters) => parameters.join('&'));

const value = join(
  fc.oneof(
    often(12, visible),
    often(3, blank),
    often(3, latin),
    often(1, wide),
    often(2, pick(',')),
  ),
  10,
);
const badValue = fc.oneof(lineBreak, pick('\0', '\x01', '\x7f', 'x\r\nx-amz-date: 1'));
const ownName = join(pick(..."abcxyz019!#$%&'*+-.^_`|~"), 6).map((text) => `x-any-${text}`);
const ordinaryName = pick(
  ...['accept', 'accept-encoding', 'content-type', 'content-encoding', 'user-agent', 'referer'],
  ...['range', 'if-match', 'cookie', 'origin', 'traceparent', 'constructor', '__proto__', 'date'],
);
const ourName = pick(
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-forwarded-port', 'forwarded'],
  ...['via', 'x-real-ip', 'x_forwarded_for', 'x-amz_date', 'x_api_key', 'x_original-authorization'],
  ...['x-apigw-api-id', 'x-client-auth', 'expect', 'content-length', 'x-amzn-trace-id', 'x_any'],
  ...['x-forwarded-user', 'remote_user', 'x-forwarded-users', 'x-remote-user', 'client-cert'],
);
const secretHeader = pick<readonly [string, string]>(
  ['authorization', `Bearer ${marked.clientAuthorization}`],
  ['authorization', `Basic ${Buffer.from(`u:${marked.clientAuthorization}`).toString('base64')}`],
  ['authorization', `AWS4-HMAC-SHA256 Credential=${marked.clientAuthorization}`],
  ['x-api-key', marked.clientApiKey],
  ['cookie', `session=${marked.cookie}; b=2`],
  ['x-amz-security-token', marked.clientAuthorization],
  ['proxy-authorization', marked.clientAuthorization],
);
const connection = fc
  .array(
    fc.oneof(
      pick('x-amz-date', 'authorization', 'x-original-authorization', 'host', 'content-length'),
      pick(
        'cookie',
        'X-Forwarded-For',
        'via',
        'content-type',
        'x-api-key',
        'x-client-auth',
        'close',
      ),
      pick('', ' ', 'keep-alive', 'upgrade', 'x-amz-content-sha256', 'x-forwarded-proto', 'x-one'),
      ownName,
    ),
    { maxLength: 4 },
  )
  .map((names): readonly [string, string] => ['connection', names.join(', ')]);
const host = pick(
  ...['proxy.example', 'www.wild.example', 'WWW.Wild.example:8443', 'a.b.wild.example.'],
  ...['wild.example', 'evil.example', '169.254.169.254', '', 'a,b', 'user@evil.example', '[::1]:1'],
).map((name): readonly [string, string] => ['host', name]);
const header = fc.oneof(
  often(8, fc.tuple(fc.oneof(ownName, ordinaryName), value)),
  often(4, fc.tuple(ourName, value)),
  often(3, fc.tuple(pick(...spoofedNames), fc.oneof(value, pick(marked.clientAuthorization)))),
  often(3, fc.tuple(pick(...hopByHopNames), fc.oneof(value, pick(marked.clientAuthorization)))),
  often(4, secretHeader),
  often(2, connection),
  often(2, host),
  often(1, pick<readonly [string, string]>(['x-forwarded-for', '192.0.2.7'], ['x-one', '1'])),
);
const badHeader = fc.oneof(
  fc.tuple(ownName, badValue),
  fc.tuple(pick('', 'a b', 'x:', 'x\r\ny', 'caf\u00e9', 'x\0'), value),
);
const headers = fc
  .tuple(fc.array(header, { maxLength: 8 }), rarely(40, badHeader))
  .map(([good, bad]) => (bad === undefined ? good : [...good, bad]));

const bytes = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 120 }), pick(0, 0, 0, 0, 0, 1))
  .map(([list, big]) => Buffer.from(big ? Array(50).fill(list).flat() : list));
const base64Text = join(
  fc.oneof(often(20, pick(...'ABYZabyz059+/')), often(1, pick(...'=-_ \n!'))),
  12,
);
const body: fc.Arbitrary<AskedBody> = fc.oneof(
  often(12, pick<AskedBody>({ kind: 'none' })),
  often(
    20,
    bytes.map((list): AskedBody => ({ kind: 'bytes', bytes: list })),
  ),
  often(4, pick<AskedBody>({ kind: 'bytes', bytes: Buffer.from(`key=${marked.body}`) })),
  often(
    9,
    join(fc.oneof(visible, wide, blank, nul), 20).map(
      (text): AskedBody => ({ kind: 'text', text }),
    ),
  ),
  often(
    1,
    base64Text.map((text): AskedBody => ({ kind: 'base64', text })),
  ),
  often(
    1,
    fc
      .tuple(base64Text, pick('', '=', '=='))
      .map(([text, end]): AskedBody => ({ kind: 'base64', text: text + end })),
  ),
);

/** Everything that an event can say. */
export const askedEvent: fc.Arbitrary<Asked> = fc.record({
  method: fc.oneof(
    often(40, pick('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'DELETE')),
    often(4, pick('PROPFIND', 'PURGE', 'TRACE', 'get', 'M-SEARCH')),
    often(1, pick('', 'G T', 'GET / HTTP/1.1\r\n', 'G\u00c9T')),
  ),
  path: fc.oneof(
    often(60, path),
    often(
      1,
      fc.tuple(path, fc.oneof(nul, dot)).map((two) => two.join('')),
    ),
  ),
  query,
  headers,
  cookies: rarely(
    8,
    fc.array(fc.oneof(value, pick('a=1', `s=${marked.cookie}`)), { maxLength: 3 }),
  ),
  body,
  sourceIp: pick('192.0.2.7', '192.0.2.7', '2001:db8::1', ''),
  protocol: pick('HTTP/1.1', 'HTTP/1.1', 'HTTP/2.0'),
});
