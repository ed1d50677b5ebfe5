/**
 * Every plugin at once, for tools that check documents without waiting (CDK's synthesis, JSON Schemas). The runtime
 * never imports this file.
 */

import { basicAuth } from './authentication/basic-auth.ts';
import { forwardAuth } from './authentication/forward-auth/forward-auth.ts';
import { hmacAuth } from './authentication/hmac-auth/hmac-auth.ts';
import { jwtAuth } from './authentication/jwt-auth/jwt-auth.ts';
import { keyAuth } from './authentication/key-auth.ts';
import { multiAuth } from './authentication/multi-auth.ts';
import { openidConnect } from './authentication/openid-connect/openid-connect.ts';
import { webhookAuth } from './authentication/webhook-auth/webhook-auth.ts';
import type { Plugin } from './plugin.ts';
import type { LoadedPlugins } from './registry.ts';
import { consumerRestriction } from './security/consumer-restriction.ts';
import { cors } from './security/cors.ts';
import { csrf } from './security/csrf.ts';
import { ipRestriction } from './security/ip-restriction.ts';
import { refererRestriction } from './security/referer-restriction.ts';
import { uaRestriction } from './security/ua-restriction.ts';
import { uriBlocker } from './security/uri-blocker.ts';
import { awsLambda } from './serverless/aws-lambda.ts';
import { azureFunctions } from './serverless/azure-functions.ts';
import { apiBreaker } from './traffic/api-breaker.ts';
import { clientControl } from './traffic/client-control.ts';
import { limitConn } from './traffic/limit-conn.ts';
import { limitCount } from './traffic/limit-count.ts';
import { limitReq } from './traffic/limit-req.ts';
import { realIp } from './traffic/real-ip.ts';
import { requestId } from './traffic/request-id.ts';
import { requestValidation } from './traffic/request-validation/request-validation.ts';
import { trafficSplit } from './traffic/traffic-split.ts';
import { attachConsumerLabel } from './transformation/attach-consumer-label.ts';
import { faultInjection } from './transformation/fault-injection.ts';
import { mocking } from './transformation/mocking/mocking.ts';
import { proxyRewrite } from './transformation/proxy-rewrite.ts';
import { redirect } from './transformation/redirect.ts';
import { responseRewrite } from './transformation/response-rewrite/response-rewrite.ts';

const all: readonly Plugin[] = [
  apiBreaker,
  attachConsumerLabel,
  awsLambda,
  azureFunctions,
  basicAuth,
  clientControl,
  consumerRestriction,
  cors,
  csrf,
  faultInjection,
  forwardAuth,
  hmacAuth,
  ipRestriction,
  jwtAuth,
  keyAuth,
  limitConn,
  limitCount,
  limitReq,
  mocking,
  multiAuth,
  openidConnect,
  proxyRewrite,
  realIp,
  redirect,
  refererRestriction,
  requestId,
  requestValidation,
  responseRewrite,
  trafficSplit,
  uaRestriction,
  uriBlocker,
  webhookAuth,
];
const byName = new Map(all.map((plugin) => [plugin.name, plugin]));

/**
 * All plugins, loaded eagerly: for the CLI, the construct and tests. The runtime uses the registry instead, which
 * imports each plugin when a document names it.
 */
export const allPlugins: LoadedPlugins = {
  get: (name) => byName.get(name),
  names: [...byName.keys()],
};
