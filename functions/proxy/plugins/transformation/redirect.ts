/** Apache APISIX's `redirect`: answers with the `Location` of another URI. */
import * as v from 'valibot';
import type { Exchange } from '../../chain/exchange.ts';
import { integer } from '../../documents/attributes.ts';
import { pointerTo } from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { compileRegexUri } from '../regex-uri.ts';
import { compileUri, type Uri } from '../uri-template.ts';

const pair = 'a list of two texts: an expression, and the URI to redirect to';

const schema = v.pipe(
  strictObject({
    http_to_https: v.optional(v.boolean()),
    uri: v.optional(
      v.pipe(
        v.string(),
        v.minLength(2, 'a URI of 2 to 4096 characters'),
        v.maxLength(4096, 'a URI of 2 to 4096 characters'),
      ),
    ),
    regex_uri: v.optional(v.pipe(v.array(v.string()), v.minLength(2, pair), v.maxLength(2, pair))),
    ret_code: v.optional(integer(200, 599), 302),
    encode_uri: v.optional(v.boolean(), false),
    append_query_string: v.optional(v.boolean(), false),
  }),
  v.check(
    ({ http_to_https, uri, regex_uri }) =>
      [http_to_https || undefined, uri, regex_uri].filter((value) => value !== undefined).length ===
        1 ||
      (http_to_https === false && uri === undefined && regex_uri === undefined),
    'one of http_to_https, uri and regex_uri',
  ),
  v.check(
    ({ http_to_https, append_query_string }) => !(http_to_https && append_query_string),
    'http_to_https or append_query_string, not both: the query stays with http_to_https',
  ),
);

type RedirectConfig = v.InferOutput<typeof schema>;
type FindUri = (exchange: Exchange) => Uri | undefined;

/** Answers with a redirection to a URI that the document makes. docs/plugins/redirect.md. */
export const redirect = definePlugin({
  name: 'redirect',
  priority: 900,
  schema,
  create(config, services, { pointer }) {
    const findUri = compile(config, services, pointer);
    const { ret_code: status, append_query_string: isAppended } = config;
    return async (exchange, next) => {
      const uri = findUri(exchange);
      if (!uri) return next(exchange);
      const queries = [uri.query, isAppended ? exchange.request.query : ''];
      const query = queries.filter(Boolean).join('&');
      const location = `${uri.origin}${uri.path}${query === '' ? '' : `?${query}`}${uri.fragment}`;
      return { status, headers: [['location', location]], body: Buffer.alloc(0) };
    };
  },
});

function compile(
  { uri, regex_uri, http_to_https }: RedirectConfig,
  { countSteps, warn }: PluginServices,
  pointer: string,
): FindUri {
  if (uri !== undefined) {
    return compileUri(uri, { pointer: pointerTo(pointer, 'uri'), mayHaveOrigin: true });
  }
  if (!regex_uri) {
    if (http_to_https) {
      warn(
        `${pointer}: http_to_https redirects no request: a function URL is served over HTTPS only`,
      );
    }
    return () => undefined;
  }
  const [expression = '', template = ''] = regex_uri;
  const at = pointerTo(pointer, 'regex_uri');
  const pointers = [pointerTo(at, 0), pointerTo(at, 1)] as const;
  const { replace } = compileRegexUri({
    expression,
    template,
    pointers,
    mayHaveOrigin: true,
    countSteps,
  });
  return (exchange) => replace(exchange)?.uri;
}
