/** Apache APISIX's `cors`: which pages of other origins may use a route from a browser (Fetch standard, CORS protocol). */
import * as v from 'valibot';
import { type AddedHeaders, answerWith, withHeaders } from '../../chain/answer-headers.ts';
import { distinct, integer, refused } from '../../documents/attributes.ts';
import {
  compilePatterns,
  maxTextCharacters,
  patterns,
  toTotalSize,
} from '../../documents/pattern.ts';
import { strictObject } from '../../documents/schema.ts';
import type { ProxyRequest } from '../../http/message.ts';
import { definePlugin } from '../plugin.ts';

const originList = v.pipe(
  v.string(),
  v.regex(
    /^(\*|\*\*|null|[\w+.-]+:\/\/[^\s,/]+(,\s*[\w+.-]+:\/\/[^\s,/]+)*)$/,
    'origins such as https://app.example.com separated by commas, or *, or **',
  ),
);
// A literal, not made of `tokenCharacters`: clients send this list, and a test bounds the time of literals.
const tokens = /^[\w!#$%&'*+.^`|~-]+(\s*,\s*[\w!#$%&'*+.^`|~-]+)*$/;
const nameList = v.pipe(
  v.string(),
  v.check((text) => text === '' || tokens.test(text), 'names separated by commas, or *, or **'),
);
const distinctPatterns = v.pipe(patterns, distinct('expression'));

const schema = v.pipe(
  strictObject({
    allow_origins: v.optional(originList, '*'),
    allow_methods: v.optional(nameList, '*'),
    allow_headers: v.optional(nameList, '*'),
    expose_headers: v.optional(nameList),
    max_age: v.optional(integer(-1, Number.MAX_SAFE_INTEGER), 5),
    allow_credential: v.optional(v.boolean(), false),
    allow_origins_by_regex: v.optional(distinctPatterns),
    allow_origins_by_metadata: refused(
      'allow_origins or allow_origins_by_regex: there is no plugin metadata here',
    ),
    timing_allow_origins: v.optional(originList),
    timing_allow_origins_by_regex: v.optional(distinctPatterns),
  }),
  v.check(
    (config) =>
      !config.allow_credential ||
      [
        // Of no meaning beside expressions, so that the default does no harm.
        config.allow_origins_by_regex ? undefined : config.allow_origins,
        ...[config.allow_methods, config.allow_headers, config.expose_headers],
        config.timing_allow_origins,
      ].every((value) => value !== '*'),
    'no `*` in the other attributes beside allow_credential: write them out, or `**` for all',
  ),
);

type CorsConfig = v.InferOutput<typeof schema>;

const allMethods = 'GET,POST,PUT,DELETE,PATCH,HEAD,OPTIONS,CONNECT,TRACE';

/** Adds CORS headers and answers preflights (Fetch standard, "CORS protocol"). docs/plugins/cors.md. */
export const cors = definePlugin({
  name: 'cors',
  priority: 4000,
  schema,
  create(config, { countSteps }, { pointer }) {
    const { allow_origins_by_regex = [], timing_allow_origins_by_regex = [] } = config;
    const expressions = [...allow_origins_by_regex, ...timing_allow_origins_by_regex];
    countSteps(toTotalSize(expressions), pointer);
    const toHeaders = compileHeaders(config);
    return async (exchange, next) => {
      const { request } = exchange;
      const added = toHeaders(request);
      if (request.method !== 'OPTIONS') return answerWith(exchange, next, added);
      return withHeaders({ status: 200, headers: [], body: Buffer.alloc(0) }, added);
    };
  },
});

function compileHeaders(config: CorsConfig): (request: ProxyRequest) => AddedHeaders {
  const toAllowed = compileOrigins(config.allow_origins, config.allow_origins_by_regex);
  const { timing_allow_origins: timing, timing_allow_origins_by_regex: timingPatterns } = config;
  const hasTiming = timing !== undefined || timingPatterns !== undefined;
  const toTimed = hasTiming ? compileOrigins(timing ?? '', timingPatterns) : undefined;
  const isSame = (text: string | undefined) => text === '*' || text === undefined;
  const isFixed = isSame(config.allow_origins_by_regex ? '' : config.allow_origins);
  const isTimingFixed = isSame(timingPatterns ? '' : timing);
  return (request) => {
    const origin = readOrigin(request.headers['origin']);
    const allowed = toAllowed(origin);
    const timed = toTimed?.(origin);
    return {
      set: {
        ...(allowed === undefined ? {} : toAllowHeaders(config, request, allowed)),
        ...(timed === undefined ? {} : { 'timing-allow-origin': timed }),
      },
      isDropped: (name) =>
        isReplaced.test(name) ||
        (name === 'access-control-expose-headers' && allowed === undefined) ||
        (name === 'timing-allow-origin' && hasTiming),
      ...(isFixed && isTimingFixed ? {} : { vary: 'Origin' }),
    };
  };
}

/** The upstream's own CORS headers are replaced: an origin that this document does not allow is not allowed. */
const isReplaced = /^access-control-(allow-.*|max-age)$/;

function toAllowHeaders(
  config: CorsConfig,
  request: ProxyRequest,
  origin: string,
): Record<string, string> {
  const { allow_methods, allow_headers, expose_headers, allow_credential, max_age } = config;
  const asked = request.headers['access-control-request-headers'] ?? '';
  const headers = {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': allow_methods === '**' ? allMethods : allow_methods,
    'access-control-max-age': String(max_age),
    'access-control-expose-headers': expose_headers ?? '',
    'access-control-allow-headers': allow_headers === '**' ? toAskedNames(asked) : allow_headers,
    'access-control-allow-credentials': allow_credential && origin !== '*' ? 'true' : '',
  };
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
}

/** A list that no browser sends is not sent back either. */
function toAskedNames(asked: string): string {
  return asked.length <= maxTextCharacters && tokens.test(asked) ? asked : '';
}

/** @returns the value that names the allowed origins to a request's one; expressions take the list's place */
function compileOrigins(
  list: string,
  expressions: readonly string[] | undefined,
): (origin: string | undefined) => string | undefined {
  if (expressions) {
    // To the end, or `\.example\.com` would be found in https://a.example.com.attacker.net as well.
    const search = compilePatterns(expressions, { isToEnd: true });
    return (origin) => (origin !== undefined && search([origin]) === 'found' ? origin : undefined);
  }
  if (list === '*') return () => '*';
  if (list === '**') return (origin) => origin ?? '*';
  const origins = new Set(list.split(',').map((text) => text.trim()));
  return (origin) => (origin !== undefined && origins.has(origin) ? origin : undefined);
}

/** One origin (RFC 6454 §7.1); two of them, which arrive joined by a comma, are none. */
function readOrigin(value: string | undefined): string | undefined {
  if (value === undefined || value.length > maxTextCharacters) return undefined;
  return /^(null|[\w+.-]+:\/\/[\x21-\x2b\x2d-\x7e]+)$/.test(value) ? value : undefined;
}
