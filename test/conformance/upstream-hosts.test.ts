/** Whatever an upstream says, its requests go to allowed hosts only, under allowed names, and no client changes that. */
import fc from 'fast-check';
import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import { parseWith } from '../../functions/proxy/documents/schema.ts';
import { isListed } from '../../functions/proxy/send/hosts.ts';
import { parseNodes } from '../../functions/proxy/upstream/balance/parse-nodes.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import { functionUrlHost, headersOf, toAllowedHosts, toRequest } from '../support/builders.ts';
import { toRuns } from '../support/sample.ts';

const allowedHosts = toAllowedHosts('*.shop.example,api.example:8443,127.0.0.1,[::1]');

const plain = fc.constantFrom(
  ...['a.shop.example', 'A.SHOP.EXAMPLE', 'api.example', '127.0.0.1', '[::1]', functionUrlHost],
  ...['shop.example', 'evilshop.example', 'localhost', '10.0.0.1', 'sts.amazonaws.com'],
);
const odd = fc.constantFrom(
  ...['127.1', '0x7f.0.0.1', '2130706433', '::1', '[::ffff:127.0.0.1]', `${functionUrlHost}.`, ''],
  ...['a.shop.example@evil.example', 'evil.example#.shop.example', 'evil.example/.shop.example'],
  ...[
    'evil.example\\.shop.example',
    'ａ.shop.example',
    'a..shop.example',
    'evil.example%2f.shop.example',
  ],
  ...['evil.example?.shop.example', 'a.shop.example:1@evil.example', '169.254.169.254'],
);
const host = fc.oneof({ weight: 6, arbitrary: plain }, { weight: 1, arbitrary: odd });
const port = fc.constantFrom(undefined, 80, 443, 8443, 1, 65_535);
const weight = fc.constantFrom(0, 1, 7);
const mapOfNodes = fc
  .array(fc.tuple(host, port, weight), { minLength: 1, maxLength: 4 })
  .map((nodes) =>
    Object.fromEntries(nodes.map(([name, at, own]) => [at ? `${name}:${at}` : name, own])),
  );
const listOfNodes = fc.array(
  fc
    .record({ host, port, weight })
    .map(({ port: at, ...node }) => (at ? { ...node, port: at } : node)),
  { minLength: 1, maxLength: 4 },
);
const upstream = fc.record(
  {
    nodes: fc.oneof(mapOfNodes, listOfNodes),
    scheme: fc.constantFrom('http', 'https'),
    pass_host: fc.constantFrom('pass', 'node', 'rewrite'),
    upstream_host: host,
  },
  { requiredKeys: ['nodes'] },
);

/** The rule of hosts, written once more. */
function isAllowed(hostname: string, port: number, protocol: string): boolean {
  const isLoopback = hostname === '127.0.0.1' || hostname === '::1';
  if (protocol === 'http:') return isLoopback;
  if (isLoopback || /^[a-z0-9.-]+\.shop\.example$/.test(hostname)) return true;
  return hostname === functionUrlHost ? port === 443 : hostname === 'api.example' && port === 8443;
}

test('a node is called only where the rule of hosts allows it, and under no other name', () => {
  let called = 0;
  fc.assert(
    fc.property(upstream, fc.string(), (written, client) => {
      const request = toRequest({
        host: client,
        headers: { host: client, 'x-forwarded-host': client },
      });
      for (const { target } of parse(written)) {
        called += 1;
        expect([
          target.hostname,
          target.port,
          isAllowed(target.hostname, target.port, target.protocol),
        ]).toEqual([target.hostname, target.port, true]);
        const sent = rewriteRequest(request, request.path, {
          ...{ target, forwardAs: 'authorization', apiKey: undefined },
        });
        expect(headersOf(sent.headers, 'host')).toEqual([target.host]);
        const [, name = '', at] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(target.host) ?? [];
        const isName = name === target.hostname || isAllowed(name, Number(at ?? 443), 'https:');
        expect([target.host, isName]).toEqual([target.host, true]);
      }
    }),
    { numRuns: toRuns(4000) },
  );
  expect(called).toBeGreaterThan(toRuns(4000) / 20);
});

function parse(written: unknown) {
  try {
    const config = parseWith(upstreamSchema, written, { pointer: '', written });
    return parseNodes(config, allowedHosts, '').nodes;
  } catch (error) {
    if (error instanceof DocumentError) return [];
    throw error;
  }
}

test('what the test calls allowed is what the operator lists', () => {
  const listed = (hostname: string, port: number) =>
    isListed({ protocol: 'https:', hostname, port }, allowedHosts);
  expect([listed('a.shop.example', 1), listed('api.example', 443)]).toEqual([true, false]);
});
