/** Apache APISIX's `key-auth`: a consumer is known by a key, in a header or in the query. */
import * as v from 'valibot';
import type { Exchange } from '../../chain/exchange.ts';
import { withoutHeader } from '../../chain/with-header.ts';
import { headerName } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import type { ProxyRequest } from '../../http/message.ts';
import { readParameter, withoutParameter } from '../../http/query.ts';
import { definePlugin } from '../plugin.ts';
import {
  anonymousAccess,
  anonymousConsumer,
  identify,
  identifyAnonymous,
  realm,
  unauthenticated,
} from './identify.ts';

const schema = strictObject({
  header: v.optional(headerName, 'apikey'),
  query: v.optional(v.pipe(v.string(), v.minLength(1, 'the name of a parameter')), 'apikey'),
  hide_credentials: v.optional(v.boolean(), false),
  anonymous_consumer: v.optional(anonymousConsumer),
  realm: v.optional(realm, 'key'),
});

type KeyAuthConfig = v.InferOutput<typeof schema>;

const consumerSettings = strictObject({
  key: v.pipe(v.string(), v.minLength(1, 'a key that is not empty')),
});

/**
 * Authenticates consumers by a key in a header or query parameter; answers `UNAUTHENTICATED` otherwise.
 * docs/plugins/key-auth.md.
 */
export const keyAuth = definePlugin({
  name: 'key-auth',
  priority: 2500,
  schema,
  consumer: { schema: consumerSettings, toKey: ({ key }) => key },
  ...anonymousAccess,
  secretParameters: ({ query }) => [query],
  create(config) {
    const challenge = `apikey realm="${config.realm}"`;
    return async (exchange, next) => {
      const key = readKey(exchange.request, config);
      const hidden = config.hide_credentials ? withoutKey(exchange, config) : exchange;
      if (key === undefined) {
        const refusal = unauthenticated(challenge, 'Missing API key in request');
        return next(identifyAnonymous(hidden, config.anonymous_consumer, refusal));
      }
      const identified = exchange.consumers.find('key-auth', key);
      if (!identified) throw unauthenticated(challenge, 'Invalid API key in request');
      return next(identify(hidden, identified));
    };
  },
});

/** The header counts first, as in APISIX. Two parameters are no key: readers differ on which one is meant. */
function readKey({ headers, query }: ProxyRequest, config: KeyAuthConfig): string | undefined {
  const header = headers[config.header];
  if (header !== undefined) return header;
  const values = readParameter(query, config.query);
  return values.length > 1 ? values.join('&') : values[0];
}

function withoutKey(exchange: Exchange, config: KeyAuthConfig): Exchange {
  const { request } = withoutHeader(exchange, config.header);
  const query = withoutParameter(request.query, config.query);
  return { ...exchange, request: { ...request, query } };
}
