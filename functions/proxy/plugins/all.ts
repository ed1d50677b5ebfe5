/**
 * Every plugin at once, for tools that check documents without waiting (CDK's synthesis, JSON Schemas). The runtime
 * never imports this file.
 */
import { apiBreaker } from './api-breaker.ts';
import { awsLambda } from './aws-lambda.ts';
import { basicAuth } from './basic-auth.ts';
import { csrf } from './csrf.ts';
import { hmacAuth } from './hmac-auth.ts';
import { jwtAuth } from './jwt-auth.ts';
import { keyAuth } from './key-auth.ts';
import type { Plugin } from './plugin.ts';
import type { LoadedPlugins } from './registry.ts';
import { requestId } from './request-id.ts';
import { webhookAuth } from './webhook-auth.ts';

const all: readonly Plugin[] = [
  apiBreaker,
  awsLambda,
  basicAuth,
  csrf,
  hmacAuth,
  jwtAuth,
  keyAuth,
  requestId,
  webhookAuth,
];
const byName = new Map(all.map((plugin) => [plugin.name, plugin]));

export const allPlugins: LoadedPlugins = {
  get: (name) => byName.get(name),
  names: [...byName.keys()],
};
