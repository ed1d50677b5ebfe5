/** Apache APISIX's `multi-auth`: a client is let in by the first of several plugins that knows it. */
import * as v from 'valibot';
import type { Exchange, PreparedPlugin } from '../../chain/exchange.ts';
import { documentError, type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { recordOf, strictObject } from '../../documents/schema.ts';
import { type ProxyError, toProxyError } from '../../http/errors.ts';
import type { ProxyResponse } from '../../http/message.ts';
import { definePlugin, type Plugin, type PluginServices } from '../plugin.ts';
import { basicAuth } from './basic-auth.ts';
import { hmacAuth } from './hmac-auth/hmac-auth.ts';
import { unauthenticated } from './identify.ts';
import { jwtAuth } from './jwt-auth/jwt-auth.ts';
import { keyAuth } from './key-auth.ts';

/** Those that know consumers by their credentials. */
const known: ReadonlyMap<string, Plugin> = new Map(
  [basicAuth, hmacAuth, jwtAuth, keyAuth].map((plugin) => [plugin.name, plugin]),
);
const words = `at least two plugins, each in an object of its own, such as {"key-auth": {}}: ${[...known.keys()].join(', ')}`;

const schema = strictObject({
  auth_plugins: v.pipe(
    v.array(recordOf(recordOf(v.unknown()))),
    v.minLength(2, words),
    v.maxLength(10, 'at most ten plugins'),
    v.check(
      (list) => list.every((entry) => Object.keys(entry).length === 1 && known.has(nameOf(entry))),
      words,
    ),
  ),
});

type MultiAuthConfig = v.InferOutput<typeof schema>;

function nameOf(entry: object): string {
  return Object.keys(entry)[0] ?? '';
}

/** A plugin of the list with its settings. */
interface Listed {
  readonly plugin: Plugin;
  readonly settings: Readonly<Record<string, unknown>>;
}

function toListed({ auth_plugins }: MultiAuthConfig): readonly Listed[] {
  return auth_plugins.flatMap(Object.entries).flatMap(([name, settings]) => {
    const plugin = known.get(name);
    return plugin ? [{ plugin, settings }] : [];
  });
}

/** Lets clients in that one of the plugins knows; answers `UNAUTHENTICATED` otherwise. docs/plugins/multi-auth.md. */
export const multiAuth = definePlugin({
  name: 'multi-auth',
  priority: 2600,
  isAuthentication: true,
  schema,
  refusesClients: (config) =>
    toListed(config).every(({ plugin, settings }) => plugin.asksToRefuse(settings)),
  anonymousConsumer: (config) => {
    const name = toListed(config).at(-1)?.settings['anonymous_consumer'];
    return typeof name === 'string' ? name : undefined;
  },
  secretParameters: (config) =>
    toListed(config).flatMap(({ plugin, settings }) => plugin.readNames(settings).secretParameters),
  create(config, services, context) {
    const plugins = prepareAll(config, services, context);
    return async (exchange, next) => {
      const refusals: ProxyError[] = [];
      for (const plugin of plugins) {
        const tried = await tryPlugin(plugin, exchange);
        if ('passed' in tried) return next(tried.passed);
        refusals.push(tried.refusal);
      }
      throw toRefusal(refusals);
    };
  },
});

/** @throws DocumentError */
function prepareAll(
  config: MultiAuthConfig,
  services: PluginServices,
  { pointer, written }: ParseContext,
): readonly PreparedPlugin[] {
  const at = pointerTo(pointer, 'auth_plugins');
  const texts = (written as MultiAuthConfig).auth_plugins;
  const list = toListed(config);
  return list.map(({ plugin, settings }, index) => {
    const own = pointerTo(pointerTo(at, index), plugin.name);
    const { anonymous_consumer: anonymous } = settings;
    if (anonymous !== undefined && index < list.length - 1) {
      const last = 'anonymous_consumer in the last plugin: further plugins would never be asked';
      throw documentError(pointerTo(own, 'anonymous_consumer'), anonymous, last);
    }
    return plugin.prepare(settings, services, {
      pointer: own,
      written: texts[index]?.[plugin.name],
    });
  });
}

type Tried = { readonly passed: Exchange } | { readonly refusal: ProxyError };

/** Stands for the response to what a plugin passes on; it never leaves this file. */
const ignored: ProxyResponse = { status: 200, headers: [], body: Buffer.alloc(0) };

/** Any other error ends the request: whether the plugin knows the client has not been found out. */
async function tryPlugin({ middleware }: PreparedPlugin, exchange: Exchange): Promise<Tried> {
  let passed: Exchange | undefined;
  try {
    await middleware(exchange, async (own) => {
      passed = own;
      return ignored;
    });
  } catch (thrown) {
    const error = toProxyError(thrown);
    if (error.code === 'UNAUTHENTICATED') return { refusal: error };
    throw error;
  }
  if (passed) return { passed };
  throw new Error('a plugin that authenticates consumers has answered by itself');
}

/** Each 401 names the schemes that would do (RFC 9110 §11.6.1); several challenges are a list. */
function toRefusal(refusals: readonly ProxyError[]): ProxyError {
  const challenges = refusals.flatMap(({ headers }) => headers['www-authenticate'] ?? []);
  return unauthenticated([...new Set(challenges)].join(', '), 'Authorization Failed');
}
