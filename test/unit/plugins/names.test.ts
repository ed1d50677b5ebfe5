import { basicAuth } from '../../../functions/proxy/plugins/authentication/basic-auth.ts';
import { keyAuth } from '../../../functions/proxy/plugins/authentication/key-auth.ts';
import { multiAuth } from '../../../functions/proxy/plugins/authentication/multi-auth.ts';
import { consumerRestriction } from '../../../functions/proxy/plugins/security/consumer-restriction.ts';
import { cors } from '../../../functions/proxy/plugins/security/cors.ts';
import { csrf } from '../../../functions/proxy/plugins/security/csrf.ts';
import { ipRestriction } from '../../../functions/proxy/plugins/security/ip-restriction.ts';
import { refererRestriction } from '../../../functions/proxy/plugins/security/referer-restriction.ts';
import { uaRestriction } from '../../../functions/proxy/plugins/security/ua-restriction.ts';
import { uriBlocker } from '../../../functions/proxy/plugins/security/uri-blocker.ts';
import { realIp } from '../../../functions/proxy/plugins/traffic/real-ip.ts';
import { requestId } from '../../../functions/proxy/plugins/traffic/request-id.ts';
import { trafficSplit } from '../../../functions/proxy/plugins/traffic/traffic-split.ts';
import { attachConsumerLabel } from '../../../functions/proxy/plugins/transformation/attach-consumer-label.ts';
import { faultInjection } from '../../../functions/proxy/plugins/transformation/fault-injection.ts';
import { mocking } from '../../../functions/proxy/plugins/transformation/mocking/mocking.ts';
import { proxyRewrite } from '../../../functions/proxy/plugins/transformation/proxy-rewrite.ts';
import { redirect } from '../../../functions/proxy/plugins/transformation/redirect.ts';
import { responseRewrite } from '../../../functions/proxy/plugins/transformation/response-rewrite/response-rewrite.ts';
import { toServices } from '../../support/builders.ts';

test.each([
  [realIp, 'real-ip', 23_000],
  [requestId, 'request-id', 12_015],
  [faultInjection, 'fault-injection', 11_000],
  [mocking, 'mocking', 10_900],
  [cors, 'cors', 4000],
  [ipRestriction, 'ip-restriction', 3000],
  [uaRestriction, 'ua-restriction', 2999],
  [refererRestriction, 'referer-restriction', 2990],
  [csrf, 'csrf', 2980],
  [uriBlocker, 'uri-blocker', 2900],
  [multiAuth, 'multi-auth', 2600],
  [basicAuth, 'basic-auth', 2520],
  [keyAuth, 'key-auth', 2500],
  [consumerRestriction, 'consumer-restriction', 2400],
  [attachConsumerLabel, 'attach-consumer-label', 2399],
  [proxyRewrite, 'proxy-rewrite', 1008],
  [trafficSplit, 'traffic-split', 966],
  [redirect, 'redirect', 900],
  [responseRewrite, 'response-rewrite', 899],
])('$name has the name and the priority that it has in APISIX', (plugin, name, priority) => {
  expect([plugin.name, plugin.priority]).toEqual([name, priority]);
});

test.each([
  [uaRestriction, { allowlist: ['a'] }],
  [uriBlocker, { block_rules: ['a'] }],
  [cors, { allow_origins_by_regex: ['a'] }],
])('what the expressions of $name cost is counted', (plugin, config) => {
  const counted: [number, string][] = [];
  const countSteps = (steps: number, pointer: string) => counted.push([steps, pointer]);
  const context = { pointer: '/plugins/it', written: config };
  plugin.prepare(config, { ...toServices(), countSteps }, context);

  expect(counted).toEqual([[expect.any(Number), '/plugins/it']]);
  expect(counted[0]?.[0]).toBeGreaterThan(0);
});
