/** Whatever a client asks, byte for byte: the verifier accepts the signature, and the upstream receives what §3 says. */
import fc from 'fast-check';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { toRuns } from '../support/sample.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

const seed = 20_261_120;
const numRuns = toRuns(150);
const base = '/stage%20one/b';
const baseQuery = 'fixed=a%20b&flag';

const pathChars = 'ABCxyz019-._~!$&\'()*+,;=:@|^[]{}`"<>\\';
const queryChars = `${pathChars}/?%`;
const tokenChars = "ABCxyz019!#$%&'*+-.^_`|~";
const hex = fc.constantFrom(...'0123456789abcdefABCDEF');
const triplet = fc.tuple(hex, hex).map(([high, low]) => `%${high}${low}`);
const characters = (chars: string) => fc.constantFrom(...chars);
const word = (...parts: readonly fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...parts), { maxLength: 8 }).map((list) => list.join(''));

/** Segments without NUL and without anything that reads as a dot segment, however often it is decoded. */
const segment = word(characters(pathChars), triplet, fc.constantFrom('%2F', '%25', '%', '%zz', 'é'))
  .map(toAsciiLine)
  .filter(
    (text) => !/%(25)*00/.test(text) && !/(^|[/\\])\.{1,2}($|[/\\;])/.test(decodeFully(text)),
  );
const path = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join('/'));

const queryText = word(characters(queryChars.replace(/[&=]/g, '')), triplet).map(toAsciiLine);
const parameter = fc.oneof(
  queryText,
  fc.tuple(queryText, queryText).map(([name, value]) => `${name}=${value}`),
  fc
    .constantFrom('', 'a', 'a=', '=', 'a=2', 'a=1', 'b=+', 'c==', 'd=%', 'e=%FF', 'f=x;y', 'é=é')
    .map(toAsciiLine),
);
const query = fc.array(parameter, { maxLength: 8 }).map((parameters) => parameters.join('&'));

const headerName = fc
  .array(characters(tokenChars), { minLength: 1, maxLength: 8 })
  .map((list) => `x-any-${list.join('')}`.toLowerCase());
const headerValue = fc
  .array(
    fc.oneof(
      characters('AZaz09 \t,;="\'()<>@:/[]?{}\\'),
      fc.integer({ min: 0x80, max: 0xff }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 20 },
  )
  .map((list) => list.join(''));
const headers = fc.array(fc.tuple(headerName, headerValue), { maxLength: 8 });
const body = fc.oneof(
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'PATCH', 'DELETE');
const authorization = fc.option(fc.stringMatching(/^[A-Z][a-z]{2,6} [!-~]{0,20}$/), {
  nil: undefined,
});

describe('any request', () => {
  let artefact: Artefact;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream({ verifier: createVerifier() });
    const plugin = {
      function_uri: `${upstream.url}${base}?${baseQuery}`,
      authorization: { iam: {} },
      timeout: 20_000,
    };
    artefact = await startArtefact({
      routes: { any: { uri: '/any/*', plugins: { 'aws-lambda': plugin } } },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  it('arrives as it was sent, with a signature that holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ method, path, query, headers, body, authorization }),
        async (asked) => {
          upstream.received.length = 0;

          const response = await send(artefact.url, {
            method: asked.method,
            target: `/any/${asked.path}${asked.query === '' ? '' : `?${asked.query}`}`,
            headers: [
              ...asked.headers,
              ...(asked.authorization === undefined
                ? []
                : [['authorization', asked.authorization] as const]),
            ],
            body: asked.body,
          });

          expect([response.status, response.header('countersign-error')]).toEqual([200, undefined]);
          const received = upstream.only();
          expect(received.verification).toMatchObject({ ok: true });
          expect(received.method).toBe(asked.method);
          expect(received.target).toBe(toExpectedTarget(asked.path, asked.query));
          expect(received.body.equals(asked.body)).toBe(true);
          expect(collect(received.rawHeaders)).toEqual(collect(asked.headers));
          expect(received.header('x-original-authorization')).toBe(asked.authorization?.trim());
        },
      ),
      { seed, numRuns },
    );
  });
});

/** §3: the base, one slash, the rest as sent; the base's query first; `+` of a query is a space. */
function toExpectedTarget(sentPath: string, sentQuery: string): string {
  const joined = sentPath.startsWith('/') ? base + sentPath : `${base}/${sentPath}`;
  const spaced = sentQuery.split('+').join('%20');
  return `${joined}?${baseQuery}${spaced === '' ? '' : `&${spaced}`}`;
}

/** What a function URL makes of repeated headers, and a parser of the blanks around a value. */
function collect(
  pairs: readonly (readonly [name: string, value: string])[],
): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (!name.startsWith('x-any-')) continue;
    const trimmed = value.replace(/^[ \t]+|[ \t]+$/g, '');
    const before = values.get(name);
    values.set(name, before === undefined ? trimmed : `${before},${trimmed}`);
  }
  return values;
}

/** A client that speaks HTTP encodes what no request line can hold. */
function toAsciiLine(text: string): string {
  return text.replace(/[^!-~]/g, (char) => encodeURIComponent(char));
}

function decodeFully(text: string): string {
  let reading = text;
  for (let layer = 0; layer < 6; layer += 1) {
    reading = reading.replace(/%([0-9a-f]{2})/gi, (_, code) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
  return reading;
}
