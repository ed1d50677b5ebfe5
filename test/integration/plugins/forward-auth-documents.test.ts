/** forward-auth: an authorizer behind IAM, and documents that are refused. */
import { type Artefact, root, startArtefact } from '../../support/artefact.ts';
import { send } from '../../support/client.ts';
import { createVerifier, type Received, startUpstream } from '../../support/upstream.ts';

it('signs the call to an authorizer behind IAM, and carries the client’s Authorization beside the signature', async () => {
  const seen: Received[] = [];
  const authorizer = await startUpstream({
    verifier: createVerifier('lambda'),
    answer: (received, response) => {
      seen.push(received);
      response.end();
    },
  });
  const upstream = await startUpstream();
  const artefact = await startArtefact({
    routes: {
      a: {
        uri: '/a',
        plugins: {
          'forward-auth': {
            uri: `${authorizer.url}/`,
            request_method: 'POST',
            request_headers: ['authorization'],
            authorization: { iam: { service: 'lambda' } },
          },
          'aws-lambda': { function_uri: `${upstream.url}/` },
        },
      },
    },
  });
  const headers = [['authorization', 'Bearer of-the-client']] as const;

  const response = await send(artefact.url, { method: 'POST', target: '/a', headers, body: '{}' });

  expect(response.text()).toBe('ok');
  expect(seen[0]?.verification?.ok).toBe(true);
  expect(seen[0]?.header('x-original-authorization')).toBe('Bearer of-the-client');
  expect(artefact.text()).not.toContain('of-the-client');
  await Promise.all([artefact.close(), upstream.close(), authorizer.close()]);
});

const wrong = [
  ['uri', { uri: 'http://169.254.169.254/latest/meta-data' }, '/uri'],
  ['uri', { uri: 'https://10.0.0.1/' }, '/uri'],
  ['uri', { uri: 'https://intranet/' }, '/uri'],
  ['uri', { uri: 'ftp://auth.example.com/' }, '/uri'],
  ['upstream_headers', { upstream_headers: ['authorization'] }, '/upstream_headers/0'],
  ['upstream_headers', { upstream_headers: ['x-amz-date'] }, '/upstream_headers/0'],
  ['request_headers', { request_headers: ['Host'] }, '/request_headers/0'],
  ['extra_headers', { extra_headers: { 'x-a': '$post_arg.tenant' } }, '/extra_headers/x-a'],
  ['cache', { cache: { ttl: 60, key: 'everything' } }, '/cache/key'],
  ['request_method', { request_method: 'PUT' }, '/request_method'],
] as const;
const strangers = [
  ['another service of AWS', 'https://sts.us-east-1.amazonaws.com/?Action=AssumeRole', 'sts'],
  ['the API of Lambda', 'https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/a', 'lambda'],
  ['anybody’s host', 'https://collector.example.com/', 'sts'],
] as const;

describe('a document', () => {
  let artefact: Artefact;
  const routeOf = (id: string, forwardAuth: object) => [
    id,
    { uri: `/${id}`, plugins: { 'forward-auth': forwardAuth } },
  ];
  const issuesOf = async (id: string) =>
    (await artefact.logged({ event: 'invalid-document', parameter: `${root}/routes/${id}` }))[
      'issues'
    ];

  beforeAll(async () => {
    artefact = await startArtefact({
      routes: Object.fromEntries([
        ...wrong.map(([, settings], index) =>
          routeOf(`wrong${index}`, { uri: 'http://127.0.0.1:9/', ...settings }),
        ),
        ...strangers.map(([, uri, service], index) =>
          routeOf(`stranger${index}`, {
            ...{ uri, request_method: 'POST', authorization: { iam: { service } } },
          }),
        ),
      ]),
    });
  });

  afterAll(() => artefact.close());

  it.each(wrong.map((one, index) => [...one, index] as const))(
    'with a wrong %s is refused: %j',
    async (_, __, pointer, index) => {
      expect(await issuesOf(`wrong${index}`)).toMatchObject([
        { pointer: `/plugins/forward-auth${pointer}` },
      ]);
    },
  );

  it.each(strangers.map(([what], index) => [what, index] as const))(
    'has no call to %s signed with a role: the route answers 503',
    async (_, index) => {
      expect(await issuesOf(`stranger${index}`)).toMatchObject([
        {
          ...{ pointer: '/plugins/forward-auth/uri', isUnfulfilled: true },
          expected: expect.stringContaining('an allowed host where a role signs'),
        },
      ]);
      expect((await send(artefact.url, { target: `/stranger${index}` })).status).toBe(503);
    },
  );
});
