/** azure-functions: another upstream over the same rewrite, send and relay, authorized in another way. */
import { type Artefact, startArtefact } from '../../support/artefact.ts';
import { type ClientRequest, send } from '../../support/client.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

describe('azure-functions', () => {
  let upstream: Upstream;
  let artefact: Artefact;

  beforeAll(async () => {
    upstream = await startUpstream({
      answer: ({ target, body }, response) => {
        if (target.includes('/stream')) {
          response.writeHead(
            200,
            [
              ['set-cookie', 'a=1'],
              ['set-cookie', 'b=2'],
            ].flat(),
          );
          response.write('first ');
          response.end('last');
        } else response.writeHead(207).end(body);
      },
    });
    const function_uri = `${upstream.url}/api/hello?code=1`;
    const authorization = { apikey: '$secret://ssm/azure', clientid: 'default' };
    artefact = await startArtefact({
      routes: {
        keyed: { uri: '/keyed/*', plugins: { 'azure-functions': { function_uri, authorization } } },
        bare: { uri: '/bare', plugins: { 'azure-functions': { function_uri } } },
      },
      secrets: { azure: 'function-key' },
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  beforeEach(() => {
    upstream.received.length = 0;
  });

  const ask = (request: ClientRequest) => send(artefact.url, request);

  it('sends its keys in place of the client’s, forwards path, query, body and Authorization', async () => {
    const response = await ask({
      method: 'POST',
      target: '/keyed/a%2Fb?x=%FF&x',
      headers: [
        ['x-functions-key', 'mine'],
        ['x_functions_clientid', 'mine'],
        ['x.functions.key', 'mine'],
        ['authorization', 'Bearer of-the-client'],
        ['x-amz-date', 'spoofed'],
      ],
      body: Buffer.from([0, 255, 10]),
    });

    expect([response.status, [...response.body]]).toEqual([207, [0, 255, 10]]);
    const { method, target, header, rawHeaders } = upstream.only();
    expect([method, target]).toEqual(['POST', '/api/hello/a%2Fb?code=1&x=%FF&x']);
    expect(header('x-functions-key')).toBe('function-key');
    expect(header('x-functions-clientid')).toBe('default');
    expect(header('x_functions_clientid')).toBeUndefined();
    expect(header('x.functions.key')).toBeUndefined();
    expect(header('authorization')).toBe('Bearer of-the-client');
    expect(rawHeaders.some(([name]) => name.startsWith('x-amz-'))).toBe(false);
    expect(artefact.text()).not.toContain('function-key');
  });

  it('leaves a client’s own key where the document has none', async () => {
    await ask({ target: '/bare', headers: [['x-functions-key', 'mine']] });

    expect(upstream.only().header('x-functions-key')).toBe('mine');
  });

  it('relays what streams, cookies and all', async () => {
    const response = await ask({ target: '/keyed/stream' });

    expect([response.status, response.text()]).toEqual([200, 'first last']);
    const cookies = response.headers.filter(([name]) => name === 'set-cookie');
    expect(cookies.map(([, value]) => value)).toEqual(['a=1', 'b=2']);
  });
});

it('calls hosts that are listed, and no other ones', async () => {
  const function_uri = 'https://app.azurewebsites.net/api/hello';
  const artefact = await startArtefact({
    routes: { elsewhere: { uri: '/', plugins: { 'azure-functions': { function_uri } } } },
  });

  const line = await artefact.logged({ event: 'invalid-document' });

  expect(line['issues']).toMatchObject([
    {
      pointer: '/plugins/azure-functions/function_uri',
      expected: expect.stringContaining('COUNTERSIGN_ALLOWED_HOSTS'),
    },
  ]);
  await artefact.close();
});
