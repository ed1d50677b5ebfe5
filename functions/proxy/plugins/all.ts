/**
 * Every plugin at once, for tools that check documents without waiting (CDK's synthesis, JSON Schemas). The runtime
 * never imports this file.
 */
import { apiBreaker } from './api-breaker.ts';
import { awsLambda } from './aws-lambda.ts';
import { azureFunctions } from './azure-functions.ts';
import { forwardAuth } from './forward-auth.ts';
import { keyAuth } from './key-auth.ts';
import { openidConnect } from './openid-connect.ts';
import type { Plugin } from './plugin.ts';
import type { LoadedPlugins } from './registry.ts';

const all: readonly Plugin[] = [
  apiBreaker,
  awsLambda,
  azureFunctions,
  forwardAuth,
  keyAuth,
  openidConnect,
];
const byName = new Map(all.map((plugin) => [plugin.name, plugin]));

export const allPlugins: LoadedPlugins = {
  get: (name) => byName.get(name),
  names: [...byName.keys()],
};
