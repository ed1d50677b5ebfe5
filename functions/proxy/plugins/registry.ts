/** Every plugin by name. A new plugin is its file, its test, its page in docs/plugins/, and a line here and in all.ts. */

import type { Plugin } from './plugin.ts';
import { awsLambda } from './serverless/aws-lambda.ts';

/** Functions that import a plugin, by the plugin's name. */
export type PluginRegistry = Readonly<Record<string, () => Promise<Plugin>>>;

/** Asynchronous, so that a plugin which few routes use costs the others nothing: it is imported when it is named. */
export const plugins: PluginRegistry = {
  'api-breaker': async () => (await import('./traffic/api-breaker.ts')).apiBreaker,
  'attach-consumer-label': async () =>
    (await import('./transformation/attach-consumer-label.ts')).attachConsumerLabel,
  'aws-lambda': async () => awsLambda,
  'azure-functions': async () => (await import('./serverless/azure-functions.ts')).azureFunctions,
  'basic-auth': async () => (await import('./authentication/basic-auth.ts')).basicAuth,
  'client-control': async () => (await import('./traffic/client-control.ts')).clientControl,
  'consumer-restriction': async () =>
    (await import('./security/consumer-restriction.ts')).consumerRestriction,
  cors: async () => (await import('./security/cors.ts')).cors,
  csrf: async () => (await import('./security/csrf.ts')).csrf,
  'fault-injection': async () =>
    (await import('./transformation/fault-injection.ts')).faultInjection,
  'forward-auth': async () =>
    (await import('./authentication/forward-auth/forward-auth.ts')).forwardAuth,
  'hmac-auth': async () => (await import('./authentication/hmac-auth/hmac-auth.ts')).hmacAuth,
  'ip-restriction': async () => (await import('./security/ip-restriction.ts')).ipRestriction,
  'jwt-auth': async () => (await import('./authentication/jwt-auth/jwt-auth.ts')).jwtAuth,
  'key-auth': async () => (await import('./authentication/key-auth.ts')).keyAuth,
  'limit-conn': async () => (await import('./traffic/limit-conn.ts')).limitConn,
  'limit-count': async () => (await import('./traffic/limit-count.ts')).limitCount,
  'limit-req': async () => (await import('./traffic/limit-req.ts')).limitReq,
  mocking: async () => (await import('./transformation/mocking/mocking.ts')).mocking,
  'multi-auth': async () => (await import('./authentication/multi-auth.ts')).multiAuth,
  'openid-connect': async () =>
    (await import('./authentication/openid-connect/openid-connect.ts')).openidConnect,
  'proxy-rewrite': async () => (await import('./transformation/proxy-rewrite.ts')).proxyRewrite,
  'real-ip': async () => (await import('./traffic/real-ip.ts')).realIp,
  redirect: async () => (await import('./transformation/redirect.ts')).redirect,
  'referer-restriction': async () =>
    (await import('./security/referer-restriction.ts')).refererRestriction,
  'request-id': async () => (await import('./traffic/request-id.ts')).requestId,
  'request-validation': async () =>
    (await import('./traffic/request-validation/request-validation.ts')).requestValidation,
  'response-rewrite': async () =>
    (await import('./transformation/response-rewrite/response-rewrite.ts')).responseRewrite,
  'traffic-split': async () => (await import('./traffic/traffic-split.ts')).trafficSplit,
  'ua-restriction': async () => (await import('./security/ua-restriction.ts')).uaRestriction,
  'uri-blocker': async () => (await import('./security/uri-blocker.ts')).uriBlocker,
  'webhook-auth': async () =>
    (await import('./authentication/webhook-auth/webhook-auth.ts')).webhookAuth,
};

/** The plugins that a document may name, as far as it does name them. */
export interface LoadedPlugins {
  get(name: string): Plugin | undefined;
  /** Names of all plugins, loaded or not. */
  readonly names: readonly string[];
}

/**
 * Imports what a document names, so that it can be compiled in one go.
 *
 * @param document parsed and not checked yet: an object with `plugins`, or an array of such
 */
export async function loadPlugins(
  document: unknown,
  registry: PluginRegistry,
): Promise<LoadedPlugins> {
  const loaded = new Map<string, Plugin>();
  for (const item of Array.isArray(document) ? document : [document]) {
    for (const name of Object.keys(Object(Object(item).plugins))) {
      const load = Object.hasOwn(registry, name) ? registry[name] : undefined;
      if (load && !loaded.has(name)) loaded.set(name, await load());
    }
  }
  return { get: (name) => loaded.get(name), names: Object.keys(registry) };
}
