/** Documents and upstreams that point elsewhere: nothing but an allowed host is ever connected to. */
import { type Artefact, type LogLine, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const url = 'abcdefghij0123456789klmnopqrst.lambda-url.us-east-1.on.aws';
/** `PORT` is the canary's, on 127.0.0.1, which is listed: each of these is another way to it, or to worse. */
const refused: readonly (readonly [what: string, uri: string])[] = [
  ['metadata service', 'http://169.254.169.254/latest/meta-data/'],
  ['metadata service over TLS', 'https://169.254.169.254/latest/meta-data/'],
  ['metadata service in IPv6', 'https://[fd00:ec2::254]/latest/meta-data/'],
  ['metadata service, mapped', 'https://[::ffff:169.254.169.254]/'],
  ['metadata service, mapped in hexadecimal', 'https://[::ffff:a9fe:a9fe]/'],
  ['metadata service, decimal', 'http://2852039166/'],
  ['metadata service, hexadecimal', 'http://0xa9fea9fe/'],
  ['metadata service, octal', 'http://0251.0376.0251.0376/'],
  ['metadata service, mixed', 'http://0xa9.254.0251.254/'],
  ['metadata service, short', 'http://169.254.43518/'],
  ['task credentials', 'http://169.254.170.2/v2/credentials'],
  ['runtime API', 'http://127.0.0.2:9001/2018-06-01/runtime/invocation/next'],
  ['link-local', 'https://[fe80::1]/'],
  ['link-local with a zone', 'https://[fe80::1%25eth0]/'],
  ['private', 'https://10.0.0.1/'],
  ['loopback, decimal', 'http://2130706433:PORT/'],
  ['loopback, hexadecimal', 'http://0x7f000001:PORT/'],
  ['loopback, octal', 'http://0177.0.0.1:PORT/'],
  ['loopback, short', 'http://127.1:PORT/'],
  ['loopback, leading zeros', 'http://127.0.0.01:PORT/'],
  ['loopback, mapped', 'http://[::ffff:127.0.0.1]:PORT/'],
  ['loopback, IPv6', 'http://[::1]:PORT/'],
  ['loopback, any', 'http://0.0.0.0:PORT/'],
  ['loopback, full width', 'http://１２７.0.0.1:PORT/'],
  ['loopback, ideographic stops', 'http://127。0。0。1:PORT/'],
  ['trailing dot', 'http://127.0.0.1.:PORT/'],
  ['trailing dot of a name', 'http://localhost.:PORT/'],
  ['trailing dot of AWS', `https://${url}./`],
  ['user information', 'http://user@127.0.0.1:PORT/'],
  ['AWS as user information', `https://${url}@127.0.0.1:PORT/`],
  ['AWS and port as user information', `https://${url}:443@evil.example/`],
  ['backslash', `https://evil.example\\.${url}/`],
  ['encoded slash', `https://evil.example%2f.${url}/`],
  ['encoded dot', 'http://127%2e0.0.1:PORT/'],
  ['line break', 'http://127.0\n.0.1:PORT/'],
  ['look-alike suffix', 'https://lambda-url.us-east-1.on.aws.evil.example/'],
  ['look-alike host', `https://${url}.evil.example/`],
  ['look-alike prefix', 'https://evil-lambda-url.us-east-1.on.aws/'],
  ['look-alike API', 'https://abc1234567.execute-api.us-east-1.amazonaws.com.evil.example/'],
  ['look-alike domain', 'https://abc1234567.execute-api.us-east-1.amazonaws.co/'],
  ['IDN', 'https://ex\u00e4mple.lambda-url.us-east-1.on.aws/'],
  ['IDN look-alike', `https://${url.replace('on.aws', '\u043en.aws')}/`],
  ['AWS on another port', `https://${url}:8443/`],
  ['AWS without TLS', `http://${url}/`],
  ['another service of AWS', 'https://sts.us-east-1.amazonaws.com/'],
  ['another scheme', 'file:///etc/passwd'],
  ['no scheme', '//127.0.0.1:PORT/'],
];

describe('an upstream host', () => {
  let artefact: Artefact;
  let canary: Upstream;
  let upstream: Upstream;
  let invalid: LogLine[] = [];

  beforeAll(async () => {
    canary = await startUpstream();
    upstream = await startUpstream({
      answer: ({ target }, response) => {
        const location = target === '/metadata' ? 'http://169.254.169.254/' : `${canary.url}/x`;
        response.writeHead(Number(target.slice(1)) || 307, { location }).end();
      },
    });
    const route = (path: string, uri: string) => ({
      uri: path,
      plugins: { 'aws-lambda': { function_uri: uri, authorization: { iam: {} } } },
    });
    const documents = refused.map(([, uri], index) => [
      `r${index}`,
      route(`/r${index}`, uri.replace('PORT', String(canary.port))),
    ]);
    artefact = await startArtefact({
      routes: { any: route('/to/*', upstream.url), ...Object.fromEntries(documents) },
      env: { COUNTERSIGN_REFRESH_SECONDS: '60' },
      maxEnvironments: 1,
    });
    invalid = artefact.lines().filter(({ event }) => event === 'invalid-document');
  });

  afterAll(() => Promise.all([artefact.close(), canary.close(), upstream.close()]));

  it.each(refused.map(([what, uri], index) => [what, uri, index] as const))(
    'is refused when the document is loaded, and never called: %s (%s)',
    async (_what, _uri, index) => {
      const response = await send(artefact.url, { target: `/r${index}` });

      const line = invalid.find(({ parameter }) => String(parameter).endsWith(`/routes/r${index}`));
      // A URL that the operator could allow is well-formed: its route is there, and calls nobody.
      const expected =
        line?.['fault'] === 'unfulfilled' ? [503, 'ROUTES_UNAVAILABLE'] : [404, 'NO_ROUTE'];
      expect([response.status, response.header('countersign-error')]).toEqual(expected);
      expect(line?.['issues']).toMatchObject([{ pointer: '/plugins/aws-lambda/function_uri' }]);
      expect(canary.connections()).toBe(0);
    },
  );

  it.each(['/301', '/302', '/303', '/307', '/308', '/metadata'])(
    'that redirects elsewhere is not followed: %s',
    async (path) => {
      const response = await send(artefact.url, {
        target: `/to${path}`,
        method: 'POST',
        body: 'x',
      });

      expect(response.status).toBe(Number(path.slice(1)) || 307);
      expect(response.header('location')).toMatch(/^http:/);
      expect(canary.connections()).toBe(0);
    },
  );
});
