/**
 * Apache APISIX's `forward-auth`: an authorizer of the operator's own decides about each request. It may be any HTTPS
 * endpoint, or one behind IAM, such as a Lambda function URL, which is called with a signature then.
 */
import { createHash } from 'node:crypto';
import type { Exchange } from '../../../chain/exchange.ts';
import { readSaidHeader } from '../../../chain/said-headers.ts';
import { createSpellingFilter } from '../../../chain/with-header.ts';
import { documentError, pointerTo } from '../../../documents/document-error.ts';
import { describeError, ProxyError } from '../../../http/errors.ts';
import { isOpenTo } from '../../../http/header-names.ts';
import type { HeaderList } from '../../../http/message.ts';
import { callService, type ServiceAnswer } from '../../../send/service.ts';
import { createSigner } from '../../../sign/sign.ts';
import { parseServiceUri } from '../../../upstream/attributes.ts';
import { assertSignable, toProvider, toScope } from '../../../upstream/iam.ts';
import type { Target } from '../../../upstream/target.ts';
import { definePlugin, type PluginServices } from '../../plugin.ts';
import { toAnswerHeaders } from '../../rejection.ts';
import { compileCombination } from '../../variables.ts';
import { createAnswerCache } from './answer-cache.ts';
import { toExtras, toQuestion, toToldNames } from './question.ts';
import { type ForwardAuthConfig, forwardAuthSchema } from './schema.ts';

/** An authorizer's answer is a status and a few headers, and its refusal a page at most. */
const maxAnswerBytes = 256 * 1024;

/** Asks an authorizer about each request; its refusal becomes the response. docs/plugins/forward-auth.md. */
export const forwardAuth = definePlugin({
  name: 'forward-auth',
  priority: 2002,
  schema: forwardAuthSchema,
  refusesClients: ({ allow_degradation }) => !allow_degradation,
  identityHeaders: ({ upstream_headers }) => upstream_headers,
  create(config, services, context) {
    for (const [index, name] of config.upstream_headers.entries()) {
      if (isOpenTo('identity', name)) continue;
      const at = pointerTo(pointerTo(context.pointer, 'upstream_headers'), index);
      throw documentError(
        at,
        name,
        'a header name of its own: not one that the proxy or the request itself uses',
      );
    }
    const { allowedHosts } = services;
    const target = parseServiceUri(config.uri, 'uri', { ...context, allowedHosts });
    const { iam: signing } = config.authorization;
    if (signing) assertSignable({ signing, target, allowedHosts, name: 'uri' }, context);
    const dropOtherSpellings = createSpellingFilter(toToldNames(config));
    const ask = withCache(createAsk(config, target, services), config, services);
    return async (exchange, next) => {
      let answered: HeaderList = [];
      try {
        const answer = await ask(exchange);
        if (answer.status >= 300) throw toRefusal(answer, config);
        answered = answer.headers;
      } catch (error) {
        if (!isUndecided(error)) throw error;
        if (!config.allow_degradation) throw withStatus(error, config.status_on_error);
        services.log('warn', `forward-auth lets a request in unasked: ${error.message}`, {
          error: describeError(error),
        });
      }
      return next(withIdentity(dropOtherSpellings(exchange), answered, config));
    };
  },
});

function createAsk(config: ForwardAuthConfig, target: Target, services: PluginServices): Ask {
  const { iam } = config.authorization;
  if (!config.ssl_verify && target.protocol === 'https:') {
    services.warn(
      `ssl_verify: false: the certificate of ${target.host} is not verified, so another host could act as the authorizer`,
    );
  }
  const pool = services.connect(
    target,
    {
      keepalive: config.keepalive,
      poolSize: config.keepalive_pool,
      idleTimeoutMs: config.keepalive_timeout,
      verifyTls: config.ssl_verify || target.endpointService !== undefined,
    },
    'service',
  );
  const sign = iam && createSigner(toScope(iam, target, services.region));
  const credentials = iam && toProvider(iam, services);
  const { now } = services;
  const options = {
    origin: target,
    pool,
    timeoutMs: config.timeout,
    maxBytes: maxAnswerBytes,
    now,
  };
  const extras = toExtras(config);
  return async (exchange) => {
    const request = toQuestion(exchange, { target, config, extras });
    const toRequest = async () =>
      sign && credentials ? sign(request, await credentials(), now()) : request;
    return callService(toRequest, { ...options, deadlineMs: exchange.deadlineMs });
  };
}

/** A client's own headers of the listed names are dropped, also if the authorizer does not send them. */
function withIdentity(
  exchange: Exchange,
  answered: HeaderList,
  { upstream_headers: names }: ForwardAuthConfig,
): Exchange {
  if (names.length === 0) return exchange;
  const identity = new Map(exchange.identity);
  for (const name of names) {
    const values = answered.filter(([own]) => own === name).map(([, value]) => value);
    identity.set(name, values.length === 0 ? undefined : values.join(', '));
  }
  return { ...exchange, identity };
}

/** The authorizer's own status and body; of its headers those that the document lists. */
function toRefusal(
  { status, headers, body }: ServiceAnswer,
  config: ForwardAuthConfig,
): ProxyError {
  const listed = new Set(['content-type', 'www-authenticate', ...config.client_headers]);
  const shown = toAnswerHeaders(headers.filter(([name]) => listed.has(name)));
  const code = status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN';
  return new ProxyError(code, 'the authorizer refused', {
    headers: shown.headers,
    answer: { status, body, cookies: shown.cookies },
  });
}

function isUndecided(error: unknown): error is ProxyError {
  return error instanceof ProxyError && error.code === 'ACCESS_UNDECIDED';
}

function withStatus({ message, cause }: ProxyError, status: number): ProxyError {
  return new ProxyError('ACCESS_UNDECIDED', message, { cause, answer: { status } });
}

type Ask = (exchange: Exchange) => Promise<ServiceAnswer>;

function withCache(ask: Ask, config: ForwardAuthConfig, { now }: PluginServices): Ask {
  if (!config.cache) return ask;
  const cache = createAnswerCache(config.cache.ttl * 1000, now);
  const keyOf = toCacheKey(config);
  return async (exchange) => {
    const key = keyOf(exchange);
    const kept = key === undefined ? undefined : cache.find(key);
    if (kept) return kept;
    const answer = await ask(exchange);
    if (key !== undefined && isKept(answer, config)) cache.keep(key, answer);
    return answer;
  };
}

/**
 * An authorizer's own failure is nothing to go by later, it may forbid to keep what it says (RFC 9111 §5.2.2.5), and a
 * cookie that it sets is one client's own.
 */
function isKept(
  { status, headers }: ServiceAnswer,
  { client_headers }: ForwardAuthConfig,
): boolean {
  const relaysCookies = status >= 300 && client_headers.includes('set-cookie');
  const isForbidden = headers.some(
    ([name, value]) =>
      (name === 'cache-control' && /no-store|no-cache|private/i.test(value)) ||
      (name === 'set-cookie' && relaysCookies),
  );
  return status < 500 && status !== 429 && !isForbidden;
}

/** Without `cache.key`, two requests share a response if the authorizer receives the same for both. */
function toCacheKey(config: ForwardAuthConfig): (exchange: Exchange) => string | undefined {
  const { cache } = config;
  if (cache?.key !== undefined) return compileCombination(cache.key);
  const extras = toExtras(config);
  return (exchange) => {
    const { request } = exchange;
    const extra = extras.map(([, read]) => read(exchange));
    const told = [
      request.method,
      request.host,
      request.path,
      request.query,
      request.clientIp,
      // Said beside a body, and it changes what the body means.
      config.request_method === 'POST' ? request.headers['content-encoding'] : null,
      config.request_headers.map((name) => readSaidHeader(exchange, name)),
      extra,
    ];
    const digest = createHash('sha256').update(JSON.stringify(told));
    if (config.request_method === 'POST') digest.update(request.body);
    return digest.digest('base64');
  };
}
