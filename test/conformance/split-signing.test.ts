/** Where traffic-split chooses a node for a signed route, what is sent verifies for the host that it is sent to. */
import fc from 'fast-check';
import { toWireQuery } from '../../functions/proxy/http/path.ts';
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { rawQuery } from '../support/arbitraries.ts';
import { executionKeys, toExchange, toRequest, toServices } from '../support/builders.ts';
import { compile } from '../support/documents.ts';
import { createFakePool, parseRequest } from '../support/fake-pool.ts';
import { toRuns } from '../support/sample.ts';

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5);
const id = 'abcdefghij0123456789klmnopqrst';
/** Hosts, and the scope in which AWS checks their signatures; the role's own Region for a listed host. */
const scopes = {
  [`${id}.lambda-url.eu-west-1.on.aws`]: ['eu-west-1', 'lambda'],
  [`${id}.lambda-url.us-east-2.on.aws`]: ['us-east-2', 'lambda'],
  'abc1234567.execute-api.us-east-1.amazonaws.com': ['us-east-1', 'execute-api'],
  'abc1234567.execute-api.cn-north-1.amazonaws.com.cn': ['cn-north-1', 'execute-api'],
  'listed.example': ['ap-south-1', 'execute-api'],
} as const;
type Host = keyof typeof scopes;
const host = fc.constantFrom(...(Object.keys(scopes) as Host[]));

const sending = fc.record({
  own: host,
  node: host,
  /** The name under which the node is called. */
  named: fc.option(host, { nil: undefined }),
  base: fc.constantFrom('/', '/prod', '/prod?fixed=1'),
  path: fc.constantFrom('/aws/x', '/aws//a%2Fb', '/aws/'),
  query: rawQuery.map(toWireQuery),
  iam: fc.constantFrom({}, { service: 'lambda' }, { aws_region: 'eu-west-1' }),
});

test('a request for a node is signed for the Region, the service and the name of its host', async () => {
  let signed = 0;
  await fc.assert(
    fc.asyncProperty(sending, async ({ own, node, named, base, path, query, iam }) => {
      const pool = createFakePool('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      const services = toServices({ allowedHosts: 'listed.example', pool, nowMs });
      const upstream = {
        ...{ scheme: 'https', nodes: { [node]: 1 } },
        ...(named ? { pass_host: 'rewrite', upstream_host: named } : {}),
      };
      const plugins = {
        'aws-lambda': { function_uri: `https://${own}${base}`, authorization: { iam } },
        'traffic-split': { rules: [{ weighted_upstreams: [{ upstream }] }] },
      };
      const compiled = await compile({ uri: '/aws/*', plugins }, { services }).catch(
        () => undefined,
      );
      // A role signs only for the service of function_uri's own host.
      if (!compiled) return;
      const request = toRequest({ path, query, method: 'POST', body: Buffer.from('{"a":1}') });
      const rest = path.slice('/aws/'.length);

      await compiled.routes[0]?.handle(toExchange({ request, rest, deadlineMs: nowMs + 60_000 }));

      const name = named ?? node;
      const { line, rawHeaders, body, header } = parseRequest(pool.requests()[0]);
      const [method = '', target = ''] = line.split(' ');
      expect(header('host')).toEqual([name]);
      expect(target).toMatch(base.startsWith('/prod') ? /^\/prod\// : /^\//);
      const [region, service] = toScope(name, iam);
      const verify = createSigV4Verifier({
        ...{ region, service, now: () => new Date(nowMs) },
        credentials: (key) =>
          key === executionKeys.accessKeyId
            ? { secretAccessKey: executionKeys.secretAccessKey }
            : undefined,
      });
      expect(
        verify({ method, target, rawHeaders, body: Buffer.from(body, 'latin1') }),
      ).toMatchObject({
        ok: true,
      });
      signed += 1;
    }),
    { numRuns: toRuns(400) },
  );
  expect(signed).toBeGreaterThan(toRuns(400) / 5);
});

/** For a listed host the document says the scope, as far as it says one. */
function toScope(name: Host, iam: { service?: string; aws_region?: string }): [string, string] {
  const [region, service] = scopes[name];
  return name === 'listed.example'
    ? [iam.aws_region ?? region, iam.service ?? service]
    : [region, service];
}
