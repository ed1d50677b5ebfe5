/** Whatever proxy-rewrite makes of a request stays below the base path, goes to an allowed host, and verifies there. */
import fc from 'fast-check';
import { readRequest } from '../../functions/proxy/event.ts';
import { ProxyError } from '../../functions/proxy/http/errors.ts';
import type { UpstreamRequest } from '../../functions/proxy/http/message.ts';
import { findUnsafePath } from '../../functions/proxy/http/path.ts';
import { proxyRewrite } from '../../functions/proxy/plugins/transformation/proxy-rewrite.ts';
import { createSigner } from '../../functions/proxy/sign/sign.ts';
import { rewriteRequest } from '../../functions/proxy/upstream/rewrite.ts';
import * as arbitrary from '../support/arbitraries.ts';
import {
  executionKeys,
  functionUrlHost,
  headersOf,
  toEvent,
  toTarget,
} from '../support/builders.ts';
import { runPlugin } from '../support/plugin-rig.ts';
import { toRuns } from '../support/sample.ts';
import { toWire, verify } from '../support/sigv4.ts';

const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const scope = { region: 'eu-west-1', service: 'lambda' };
const base = '/stage/base';
const target = toTarget(`https://${functionUrlHost}${base}`);
const sign = createSigner({ ...scope, carriedHeader: 'x-original-authorization' });
const otherHost = 'zyxwvutsrq0123456789klmnopqrst.lambda-url.eu-west-1.on.aws';

interface Config {
  readonly host?: string;
  readonly [attribute: string]: unknown;
}

const configs: readonly Config[] = [
  { uri: '/a$uri' },
  { uri: '$uri?x=$arg_a' },
  { uri: '/t/$arg_a/b?own=1' },
  { uri: '/$http_x_part' },
  { uri: '/h?p=$uri&$args', host: otherHost },
  { regex_uri: ['^/(.*?)/(.*)', '/$2/$1'] },
  { regex_uri: ['^/(.?)(.?)', '/$1$2'] },
  { regex_uri: ['(.*)b', '$1'], method: 'POST' },
  { regex_uri: ['/', '.'] },
  { uri: '/x', headers: { set: { 'X-Part': '$arg_a', 'X-Real-IP': '$remote_addr' } } },
];

interface Parts {
  readonly config: Config;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly part: string;
}

const parts = fc.record<Parts>({
  config: fc.constantFrom(...configs),
  rawPath: arbitrary.rawPath,
  rawQueryString: fc.oneof(
    arbitrary.rawQuery,
    fc.constantFrom(
      'a=..',
      'a=%2e%2e%2f',
      'a=..%5c',
      'a=%252e%252e',
      'a=/',
      'a=%0d%0ab',
      'a=%c3%a9',
    ),
  ),
  part: arbitrary.asciiValue,
});

async function forward(all: Parts): Promise<UpstreamRequest | undefined> {
  const { config, rawPath, rawQueryString, part } = all;
  try {
    const headers = { host: 'proxy.example.com', 'x-part': part };
    const request = readRequest(toEvent({ rawPath, rawQueryString, headers }), 'id');
    const { passed, error } = await runPlugin(proxyRewrite, config, { request });
    if (error || !passed) return undefined;
    return rewriteRequest(passed.request, passed.rest, {
      target,
      forwardAs: 'x-original-authorization',
      apiKey: undefined,
      ...{ identity: passed.identity, reserved: passed.reserved, outbound: passed.outbound },
    });
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}

test('what is sent stays below the base path, and verifies for the host that it names', async () => {
  let sentCount = 0;
  await fc.assert(
    fc.asyncProperty(parts, async (all) => {
      const sent = await forward(all);
      if (!sent) return;
      sentCount += 1;

      expect(sent.path === base || sent.path.startsWith(`${base}/`)).toBe(true);
      expect(findUnsafePath(sent.path)).toBeUndefined();
      expect(headersOf(sent.headers, 'host')).toEqual([all.config.host ?? functionUrlHost]);
      const signed = sign(sent, executionKeys, nowMs);
      expect(verify(toWire(signed), { scope, keys: executionKeys, nowMs })).toMatchObject({
        ok: true,
      });
    }),
    { numRuns: toRuns(1000) },
  );
  expect(sentCount).toBeGreaterThan(0);
});
