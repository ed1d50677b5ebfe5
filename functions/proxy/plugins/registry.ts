/** Every plugin by name. Adding one is its file, its test, its page in docs/plugins/ and a line here. */
import { awsLambda } from './aws-lambda.ts';
import type { Plugin } from './plugin.ts';

export type PluginRegistry = Readonly<Record<string, () => Promise<Plugin>>>;

/** Asynchronous, so that a plugin which few routes use costs the others nothing: it is imported when it is named. */
export const plugins: PluginRegistry = {
  'api-breaker': async () => (await import('./api-breaker.ts')).apiBreaker,
  'aws-lambda': async () => awsLambda,
  'azure-functions': async () => (await import('./azure-functions.ts')).azureFunctions,
  'basic-auth': async () => (await import('./basic-auth.ts')).basicAuth,
  'consumer-restriction': async () =>
    (await import('./consumer-restriction.ts')).consumerRestriction,
  cors: async () => (await import('./cors.ts')).cors,
  csrf: async () => (await import('./csrf.ts')).csrf,
  'forward-auth': async () => (await import('./forward-auth.ts')).forwardAuth,
  'hmac-auth': async () => (await import('./hmac-auth.ts')).hmacAuth,
  'ip-restriction': async () => (await import('./ip-restriction.ts')).ipRestriction,
  'jwt-auth': async () => (await import('./jwt-auth.ts')).jwtAuth,
  'key-auth': async () => (await import('./key-auth.ts')).keyAuth,
  'limit-conn': async () => (await import('./limit-conn.ts')).limitConn,
  'limit-count': async () => (await import('./limit-count.ts')).limitCount,
  'limit-req': async () => (await import('./limit-req.ts')).limitReq,
  'openid-connect': async () => (await import('./openid-connect.ts')).openidConnect,
  'real-ip': async () => (await import('./real-ip.ts')).realIp,
  'referer-restriction': async () => (await import('./referer-restriction.ts')).refererRestriction,
  'request-id': async () => (await import('./request-id.ts')).requestId,
  'ua-restriction': async () => (await import('./ua-restriction.ts')).uaRestriction,
  'uri-blocker': async () => (await import('./uri-blocker.ts')).uriBlocker,
  'webhook-auth': async () => (await import('./webhook-auth.ts')).webhookAuth,
};

/** The plugins that a document may name, as far as it does name them. */
export interface LoadedPlugins {
  get(name: string): Plugin | undefined;
  /** Of all that there are. */
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
