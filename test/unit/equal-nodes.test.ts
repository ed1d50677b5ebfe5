/** Equal nodes of upstreams, in whichever documents they are, are parsed once and held once. */
import * as v from 'valibot';
import { parseNodes } from '../../functions/proxy/upstream/balance/parse-nodes.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import { toAllowedHosts } from '../support/builders.ts';

const two = { scheme: 'https', nodes: { 'a.example.com': 1, 'b.example.com': 1 } };
const parse = (written: object, allowed: ReturnType<typeof toAllowedHosts>) =>
  parseNodes(v.parse(upstreamSchema, written), allowed, '');

// Each test has lists of its own, which no other has parsed with.
test('equal nodes are parsed once', () => {
  const all = toAllowedHosts('*.example.com');

  expect(parse(structuredClone(two), all)).toBe(parse(two, all));
});

test.each<[string, object]>([
  ['other weights', { ...two, nodes: { ...two.nodes, 'a.example.com': 2 } }],
  ['another scheme', { ...two, scheme: 'http' }],
  ['another name', { ...two, pass_host: 'rewrite', upstream_host: 'c.example.com' }],
])('nodes with %s are others', (_, written) => {
  const all = toAllowedHosts('*.example.com');

  expect(parse(written, all)).not.toEqual(parse(two, all));
});

test('nodes with other hosts that are allowed are others', () => {
  const all = parse(two, toAllowedHosts('*.example.com'));

  expect(parse(two, toAllowedHosts('a.example.com'))).not.toEqual(all);
});
