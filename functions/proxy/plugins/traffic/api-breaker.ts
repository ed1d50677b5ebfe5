/**
 * Apache APISIX's `api-breaker`: an upstream that fails again and again is given a rest, each one twice as long as the
 * one before. Counted per route and environment: Lambda's environments share no memory.
 */
import * as v from 'valibot';
import type { Handle } from '../../chain/exchange.ts';
import { distinct, integer } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { type ErrorCode, ProxyError, toProblemFields } from '../../http/errors.ts';
import type { Clock } from '../../http/time.ts';
import { token } from '../../http/token.ts';
import { definePlugin } from '../plugin.ts';
import { toAnswerHeaders } from '../rejection.ts';

const statuses = (minimum: number, maximum: number) =>
  v.pipe(
    v.array(integer(minimum, maximum)),
    v.minLength(1, 'at least one status'),
    distinct('status'),
  );
const many = Number.MAX_SAFE_INTEGER;
const plainText = v.pipe(v.string(), v.regex(/^\P{Cc}*$/u, 'a string without control characters'));

const schema = v.pipe(
  strictObject({
    break_response_code: integer(200, 599),
    break_response_body: v.optional(v.string()),
    break_response_headers: v.optional(
      v.array(
        strictObject({
          key: v.pipe(v.string(), v.regex(token, 'a header name')),
          value: v.pipe(
            plainText,
            v.check(
              (text) => !text.includes('$'),
              'a value without variables ($…): there are none here',
            ),
          ),
        }),
      ),
    ),
    max_breaker_sec: v.optional(integer(3, many), 300),
    unhealthy: v.optional(
      strictObject({
        http_statuses: v.optional(statuses(500, 599), [500]),
        failures: v.optional(integer(1, many), 3),
      }),
      {},
    ),
    healthy: v.optional(
      strictObject({
        http_statuses: v.optional(statuses(200, 499), [200]),
        successes: v.optional(integer(1, many), 3),
      }),
      {},
    ),
  }),
  v.check(
    (config) => !config.break_response_headers || config.break_response_body !== undefined,
    'break_response_body beside break_response_headers',
  ),
);

type BreakerConfig = v.InferOutput<typeof schema>;

/** Failures of the upstream that reach us as errors; they count by their status (502, 504). */
const upstreamFailures = new Set<ErrorCode>([
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_CUT',
  'UPSTREAM_TIMEOUT',
]);

/** Stops calls to an upstream that fails repeatedly; answers `BREAKER_OPEN` meanwhile. docs/plugins/api-breaker.md. */
export const apiBreaker = definePlugin({
  name: 'api-breaker',
  priority: 1005,
  schema,
  create(config, { now }) {
    const breaker = createBreaker(config, now);
    return async (exchange, next) => {
      const openMs = breaker.openForMs();
      if (openMs > 0) throw toOpenError(config, openMs);
      return countStatus(breaker, next, exchange);
    };
  },
});

interface Breaker {
  /** @returns how much longer the upstream is left alone; 0 when requests may pass */
  openForMs(): number;
  count(status: number): void;
}

function createBreaker(
  { unhealthy, healthy, max_breaker_sec }: BreakerConfig,
  now: Clock,
): Breaker {
  let failures = 0;
  let successes = 0;
  let openedMs: number | undefined;
  return {
    openForMs() {
      if (openedMs === undefined) return 0;
      // As in APISIX since 3.14: failures behind a rest lengthen it only once they are as many as opened it.
      const exponent = Math.floor(failures / unhealthy.failures);
      const seconds = Math.min(2 ** exponent, max_breaker_sec);
      return Math.max(0, openedMs + seconds * 1000 - now());
    },
    count(status) {
      if (unhealthy.http_statuses.includes(status)) {
        failures += 1;
        successes = 0;
        if (failures % unhealthy.failures === 0) openedMs = now();
      } else if (failures > 0 && healthy.http_statuses.includes(status)) {
        successes += 1;
        if (successes < healthy.successes) return;
        failures = 0;
        successes = 0;
        openedMs = undefined;
      }
    },
  };
}

async function countStatus(breaker: Breaker, next: Handle, exchange: Parameters<Handle>[0]) {
  try {
    const response = await next(exchange);
    breaker.count(response.status);
    return response;
  } catch (error) {
    if (error instanceof ProxyError && upstreamFailures.has(error.code)) {
      breaker.count(toProblemFields(error.code).status);
    }
    throw error;
  }
}

function toOpenError(config: BreakerConfig, openMs: number): ProxyError {
  const list = config.break_response_headers ?? [];
  const { headers, cookies } = toAnswerHeaders(
    list.map(({ key, value }) => [key.toLowerCase(), value]),
  );
  const { break_response_code: status, break_response_body: body } = config;
  return new ProxyError('BREAKER_OPEN', `open for another ${Math.ceil(openMs)} ms`, {
    headers: { ...headers, 'retry-after': String(Math.ceil(openMs / 1000)) },
    answer: { status, cookies, ...(body === undefined ? {} : { body }) },
  });
}
