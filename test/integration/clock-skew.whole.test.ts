/** An upstream whose clock is not ours: what it says of the time is taken once, and dates what follows. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import {
  plain,
  type RawRequest,
  type RawUpstream,
  type Step,
  startRawUpstream,
} from '../support/raw-upstream.ts';
import { createSkewedVerifier } from '../support/upstream.ts';

const minute = 60_000;

describe.each([
  ['ten minutes ahead', 10 * minute],
  ['ten minutes behind', -10 * minute],
])('an upstream that is %s', (_, skewMs) => {
  let upstream: RawUpstream;
  let artefact: Artefact;
  let tellsTime: boolean;

  const time = () => new Date(Date.now() + skewMs);
  const verify = createSkewedVerifier('execute-api', time);
  const play = ({ method, target, headers, body }: RawRequest): readonly Step[] => {
    const verification = verify({
      method,
      target,
      rawHeaders: Object.entries(headers).flat(),
      body,
    });
    if (verification.ok) return [plain(`accepted ${method} ${body}`)];
    const date = tellsTime ? `date: ${time().toUTCString()}\r\n` : '';
    const { errorType, body: why } = verification;
    return [
      `HTTP/1.1 403 Forbidden\r\n${date}x-amzn-errortype: ${errorType}\r\ncontent-length: ${Buffer.byteLength(why)}\r\n\r\n${why}`,
    ];
  };

  beforeEach(async () => {
    tellsTime = true;
    upstream = await startRawUpstream(play);
    const plugin = { function_uri: upstream.url, authorization: { iam: {} } };
    artefact = await startArtefact({
      routes: { any: { uri: '/*', plugins: { 'aws-lambda': plugin } } },
      maxEnvironments: 1,
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  it.each(['GET', 'POST'])(
    'gets a %s signed by its own clock the second time, and the next ones at once',
    async (method) => {
      const body = method === 'POST' ? { body: 'x' } : {};
      const first = await send(artefact.url, { method, target: '/one', ...body });
      const triesOfFirst = upstream.requests.length;
      const other = await send(artefact.url, { method, target: '/two', ...body });

      expect([first.status, first.text()]).toEqual([200, `accepted ${method} ${body.body ?? ''}`]);
      expect(triesOfFirst).toBe(2);
      expect(other.status).toBe(200);
      expect(upstream.requests).toHaveLength(3);
      await artefact.logged({ type: 'access', path: '/one', upstreamTries: 2 });
      await artefact.logged({ level: 'warn' });
      expect(artefact.text()).toContain('the clock differs');
    },
  );

  it('and does not tell the time is a 502, and the clock stays what it was', async () => {
    tellsTime = false;

    const refused = await send(artefact.url, { target: '/one' });

    expect([refused.status, refused.header('countersign-error')]).toEqual([
      502,
      'UPSTREAM_SIGNATURE_REJECTED',
    ]);
    expect(upstream.requests).toHaveLength(1);
    tellsTime = true;
    expect((await send(artefact.url, { target: '/one' })).status).toBe(200);
  });
});

it('a signature that is rejected at the right time is not sent again', async () => {
  const upstream = await startRawUpstream(() => [
    `HTTP/1.1 403 Forbidden\r\ndate: ${new Date().toUTCString()}\r\nx-amzn-errortype: InvalidSignatureException\r\ncontent-length: 2\r\n\r\n{}`,
  ]);
  const plugin = { function_uri: upstream.url, authorization: { iam: {} } };
  const artefact = await startArtefact({
    routes: { any: { uri: '/*', plugins: { 'aws-lambda': plugin } } },
  });

  const response = await send(artefact.url, { target: '/' });

  expect(response.header('countersign-error')).toBe('UPSTREAM_SIGNATURE_REJECTED');
  expect(upstream.requests).toHaveLength(1);
  await Promise.all([artefact.close(), upstream.close()]);
});
