/** Apache APISIX's `proxy-rewrite`: changes what is sent to the upstream. */
import * as v from 'valibot';
import type { Exchange, Outbound } from '../../chain/exchange.ts';
import { refused } from '../../documents/attributes.ts';
import {
  documentError,
  type ParseContext,
  pointerTo,
  unfulfilledError,
} from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import { httpMethods } from '../../http/methods.ts';
import { toWireQuery } from '../../http/path.ts';
import type { AllowedHost } from '../../send/hosts.ts';
import { parseTarget, TargetError } from '../../upstream/target.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { compileRegexUri, type Replaced } from '../regex-uri.ts';
import {
  compileRequestHeaders,
  identityNamesOf,
  requestHeaderActions,
} from '../request-headers.ts';
import { compileUri } from '../uri-template.ts';

const methods = [...httpMethods, 'MKCOL', 'COPY', 'MOVE', 'PROPFIND', 'LOCK', 'UNLOCK'] as const;
const pairs = 'pairs of two texts each: an expression, and the path for the upstream';

const schema = v.pipe(
  strictObject({
    uri: v.optional(v.pipe(v.string(), v.maxLength(4096, 'a path of at most 4096 characters'))),
    regex_uri: v.optional(
      v.pipe(
        v.array(v.string()),
        v.minLength(2, pairs),
        v.maxLength(20, 'at most ten pairs'),
        v.check((list) => list.length % 2 === 0, pairs),
      ),
    ),
    method: v.optional(v.picklist(methods, `one of ${methods.join(', ')}`)),
    host: v.optional(v.pipe(v.string(), v.toLowerCase())),
    headers: v.optional(requestHeaderActions),
    use_real_request_uri_unsafe: v.optional(
      v.literal(
        false,
        'false: a path is always sent as it came, and nothing goes around the check of what it leads to',
      ),
    ),
    scheme: refused('no such field: the scheme is that of function_uri'),
  }),
  v.check(
    (config) => Object.values(config).some((value) => value !== undefined),
    'at least one of uri, regex_uri, method, host and headers',
  ),
);

type RewriteConfig = v.InferOutput<typeof schema>;
type FindUri = (exchange: Exchange) => Replaced | undefined;

/** Changes path, query, method, host and headers for the upstream. docs/plugins/proxy-rewrite.md. */
export const proxyRewrite = definePlugin({
  name: 'proxy-rewrite',
  priority: 1008,
  schema,
  identityHeaders: ({ headers }) => identityNamesOf(headers),
  create(config, services, context) {
    const { find, groupCount } = compileUris(config, services, context.pointer);
    const host =
      config.host === undefined
        ? {}
        : { host: parseHost(config.host, services, context), hostBy: services.document };
    const withHeaders = compileRequestHeaders(config.headers, {
      pointer: pointerTo(context.pointer, 'headers'),
      groupCount,
    });
    const { method } = config;
    return async (exchange, next) => {
      const found = find(exchange);
      const outbound = { ...exchange.outbound, ...(found && toOutbound(found, exchange)), ...host };
      const changed = withHeaders(exchange, found?.groups ?? []);
      const request = method === undefined ? changed.request : { ...changed.request, method };
      return next({ ...changed, request, outbound });
    };
  },
});

/** The query of the request follows that of the new URI, as in APISIX. */
function toOutbound({ uri }: Replaced, { request }: Exchange): Outbound {
  const query = [uri.query, request.query].filter(Boolean).join('&');
  return { path: uri.path, query: toWireQuery(query) };
}

function compileUris(
  { uri, regex_uri = [] }: RewriteConfig,
  { countSteps }: PluginServices,
  pointer: string,
): { readonly find: FindUri; readonly groupCount: number | undefined } {
  if (uri !== undefined) {
    const toUri = compileUri(uri, { pointer: pointerTo(pointer, 'uri'), mayHaveOrigin: false });
    return { find: (exchange) => ({ uri: toUri(exchange), groups: [] }), groupCount: undefined };
  }
  const at = pointerTo(pointer, 'regex_uri');
  const compiled = Array.from({ length: regex_uri.length / 2 }, (_, index) =>
    compileRegexUri({
      expression: regex_uri[index * 2] ?? '',
      template: regex_uri[index * 2 + 1] ?? '',
      pointers: [pointerTo(at, index * 2), pointerTo(at, index * 2 + 1)],
      ...{ mayHaveOrigin: false, countSteps },
    }),
  );
  const find = (exchange: Exchange) => {
    for (const { replace } of compiled) {
      const replaced = replace(exchange);
      if (replaced) return replaced;
    }
    return undefined;
  };
  const counts = compiled.map(({ groupCount }) => groupCount);
  return { find, groupCount: counts.length === 0 ? undefined : Math.max(...counts) };
}

/**
 * The connection goes to the host of `function_uri`. A server that answers for several hosts would hand the request to this one,
 * so the same rule holds for it.
 */
function parseHost(
  host: string,
  { allowedHosts }: { readonly allowedHosts: readonly AllowedHost[] },
  { pointer }: ParseContext,
): string {
  const at = pointerTo(pointer, 'host');
  if (!/^[a-z\d.[\]:_-]+$/.test(host))
    throw documentError(at, host, 'a host name, with a port or without');
  try {
    return parseTarget(`https://${host}/`, allowedHosts).host;
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    throw (error.isForbidden ? unfulfilledError : documentError)(at, host, error.message);
  }
}
