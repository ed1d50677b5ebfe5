/**
 * Every plugin at once, for tools that check documents without waiting (CDK's synthesis, JSON Schemas). The runtime
 * never imports this file.
 */
import { apiBreaker } from './api-breaker.ts';
import { awsLambda } from './aws-lambda.ts';
import { azureFunctions } from './azure-functions.ts';
import { basicAuth } from './basic-auth.ts';
import { consumerRestriction } from './consumer-restriction.ts';
import { cors } from './cors.ts';
import { csrf } from './csrf.ts';
import { forwardAuth } from './forward-auth.ts';
import { hmacAuth } from './hmac-auth.ts';
import { ipRestriction } from './ip-restriction.ts';
import { jwtAuth } from './jwt-auth.ts';
import { keyAuth } from './key-auth.ts';
import { limitConn } from './limit-conn.ts';
import { limitCount } from './limit-count.ts';
import { limitReq } from './limit-req.ts';
import { openidConnect } from './openid-connect.ts';
import type { Plugin } from './plugin.ts';
import { realIp } from './real-ip.ts';
import { refererRestriction } from './referer-restriction.ts';
import type { LoadedPlugins } from './registry.ts';
import { requestId } from './request-id.ts';
import { uaRestriction } from './ua-restriction.ts';
import { uriBlocker } from './uri-blocker.ts';
import { webhookAuth } from './webhook-auth.ts';

const all: readonly Plugin[] = [
  apiBreaker,
  awsLambda,
  azureFunctions,
  basicAuth,
  consumerRestriction,
  cors,
  csrf,
  forwardAuth,
  hmacAuth,
  ipRestriction,
  jwtAuth,
  keyAuth,
  limitConn,
  limitCount,
  limitReq,
  openidConnect,
  realIp,
  refererRestriction,
  requestId,
  uaRestriction,
  uriBlocker,
  webhookAuth,
];
const byName = new Map(all.map((plugin) => [plugin.name, plugin]));

export const allPlugins: LoadedPlugins = {
  get: (name) => byName.get(name),
  names: [...byName.keys()],
};
