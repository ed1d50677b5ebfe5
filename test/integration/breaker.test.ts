/** The `api-breaker` plugin around a real upstream, with everything else that a route may have. */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { createVerifier, startUpstream, type Upstream } from '../support/upstream.ts';

describe('a route with a breaker', () => {
  let upstream: Upstream;
  let artefact: Artefact;
  let status: number | 'silent' | 'reset';

  const lambda = (attributes: object = {}) => ({
    function_uri: upstream.url,
    authorization: { iam: {} },
    timeout: 150,
    ...attributes,
  });
  const route = (uri: string, breaker: object, attributes: object = {}, parts: object = {}) => ({
    uri,
    ...parts,
    plugins: {
      'aws-lambda': lambda(attributes),
      'api-breaker': { break_response_code: 503, max_breaker_sec: 3, ...breaker },
    },
  });

  beforeEach(async () => {
    status = 200;
    upstream = await startUpstream({
      verifier: createVerifier('execute-api'),
      answer: (_, response) => {
        if (status === 'reset') response.destroy();
        else if (status !== 'silent') response.writeHead(status).end(`upstream ${status}`);
      },
    });
    artefact = await startArtefact({
      reloads: true,
      routes: {
        plain: route('/plain', {}),
        worded: route('/worded', {
          break_response_code: 418,
          break_response_body: '{"resting":true}',
          break_response_headers: [
            { key: 'Content-Type', value: 'application/json' },
            { key: 'X-Rest', value: 'yes' },
            { key: 'Set-Cookie', value: 'a=1' },
            { key: 'Set-Cookie', value: 'b=2' },
            { key: 'Link', value: '</a>' },
            { key: 'Link', value: '</b>' },
          ],
          unhealthy: { failures: 1 },
        }),
        broken: route('/broken', { unhealthy: { http_statuses: [502, 504], failures: 2 } }),
        retried: route(
          '/retried',
          { unhealthy: { http_statuses: [503], failures: 2 } },
          { retry_on: [503] },
          { retries: 2 },
        ),
        denied: route(
          '/denied',
          { unhealthy: { http_statuses: [500, 502], failures: 1 } },
          { authorization: { iam: { service: 'lambda' } } },
        ),
        other: { uri: '/other', plugins: { 'aws-lambda': lambda() } },
      },
      maxEnvironments: 1,
    });
  });

  afterEach(() => Promise.all([artefact.close(), upstream.close()]));

  const ask = async (target: string) => send(artefact.url, { target });
  const statuses = async (target: string, times: number) => {
    const list: number[] = [];
    for (let time = 0; time < times; time += 1) list.push((await ask(target)).status);
    return list;
  };

  it('relays three failures, then answers by itself until the rest is over', async () => {
    status = 500;
    const failures: number[] = [];
    // On a busy machine the rest may be over before it is seen: then one more failure is relayed.
    const open = await eventually(async () => {
      const answer = await ask('/plain');
      if (answer.status !== 503) failures.push(answer.status);
      return answer.status === 503 && answer;
    });
    const calls = upstream.received.length;
    status = 200;

    expect(failures.slice(0, 3)).toEqual([500, 500, 500]);
    expect(calls).toBe(failures.length);
    expect([open.status, open.header('countersign-error')]).toEqual([503, 'BREAKER_OPEN']);
    expect(open.json()).toMatchObject({ code: 'BREAKER_OPEN', status: 503 });
    expect(Number(open.header('retry-after'))).toBeGreaterThan(0);
    await artefact.logged({ type: 'access', error: 'BREAKER_OPEN', upstreamTries: 0 });

    await eventually(async () => (await ask('/plain')).status === 200);
    expect(await statuses('/plain', 4)).toEqual([200, 200, 200, 200]);
  });

  it('answers with the code, body and headers of its document', async () => {
    status = 500;
    await ask('/worded');

    // A rest of two seconds may be over before a busy machine asks again. The next rest is twice as long.
    const response = await eventually(async () => {
      const answer = await ask('/worded');
      return answer.status !== 500 && answer;
    });

    expect([response.status, response.text()]).toEqual([418, '{"resting":true}']);
    expect(response.header('content-type')).toBe('application/json');
    expect(response.header('x-rest')).toBe('yes');
    const cookies = response.headers.filter(([name]) => name === 'set-cookie');
    expect(cookies.map(([, value]) => value)).toEqual(['a=1', 'b=2']);
    expect(response.header('link')).toBe('</a>, </b>');
    expect(response.header('countersign-error')).toBe('BREAKER_OPEN');
    expect(response.header('retry-after')).toBeDefined();
  });

  it.each(['silent', 'reset'] as const)('counts an upstream that is %s', async (failure) => {
    status = failure;
    const first = await statuses('/broken', 2);
    const calls = upstream.received.length;

    expect(first.every((code) => code === 502 || code === 504)).toBe(true);
    expect((await ask('/broken')).header('countersign-error')).toBe('BREAKER_OPEN');
    expect(upstream.received).toHaveLength(calls);
  });

  it('leaves other routes of the same upstream alone', async () => {
    status = 500;
    await statuses('/plain', 4);
    status = 200;

    expect((await ask('/other')).status).toBe(200);
  });

  it('counts a request once, however often it was tried', async () => {
    status = 503;

    const first = await ask('/retried');
    const second = await ask('/retried');

    expect([first.status, second.status, upstream.received.length]).toEqual([503, 503, 6]);
    expect(second.header('countersign-error')).toBeUndefined();
    expect((await ask('/retried')).header('countersign-error')).toBe('BREAKER_OPEN');
  });

  it("does not count refusals of the proxy's signature or permission", async () => {
    const codes: (string | undefined)[] = [];
    for (let time = 0; time < 3; time += 1) {
      codes.push((await ask('/denied')).header('countersign-error'));
    }

    expect(codes).toEqual(Array(3).fill('UPSTREAM_SIGNATURE_REJECTED'));
  });

  it('stays open when another document is edited, and is new when its own is', async () => {
    status = 500;
    await ask('/worded');
    artefact.putRoute('added', { uri: '/added', plugins: { 'aws-lambda': lambda() } });
    await eventually(async () => (await ask('/added')).status === 500);

    expect((await ask('/worded')).status).toBe(418);

    artefact.putRoute('worded', route('/worded', { unhealthy: { failures: 2 } }));
    await eventually(async () => (await ask('/worded')).status === 500);
  });
});
