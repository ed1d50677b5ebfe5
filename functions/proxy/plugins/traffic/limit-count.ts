/** Apache APISIX's `limit-count`: so many requests in a window of time. */
import * as v from 'valibot';
import { answerWith } from '../../chain/answer-headers.ts';
import type { Exchange } from '../../chain/exchange.ts';
import { createSpellingFilter } from '../../chain/with-header.ts';
import { distinct, integer, listOf } from '../../documents/attributes.ts';
import { type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { createCountStore, type Taken } from './limits/count-store.ts';
import { compileKey, compileRuleKey, headersOfKey } from './limits/key.ts';
import { decide, keyTypes, limitEntries, readTable, toLimited } from './limits/policy.ts';

const positiveInteger = integer(1, Number.MAX_SAFE_INTEGER);
const seconds = integer(1, 31_536_000);

const schema = v.pipe(
  strictObject({
    ...limitEntries,
    count: v.optional(positiveInteger),
    time_window: v.optional(seconds),
    rules: v.optional(
      v.pipe(
        listOf(
          strictObject({
            count: positiveInteger,
            time_window: seconds,
            key: v.string(),
            header_prefix: v.optional(
              v.pipe(v.string(), v.regex(/^[0-9A-Za-z-]+$/, 'letters, digits or `-`')),
            ),
          }),
        ),
        distinct('key', ({ key }) => key),
      ),
    ),
    key: v.optional(v.string(), 'remote_addr'),
    key_type: v.optional(v.picklist([...keyTypes, 'constant']), 'var'),
    group: v.optional(v.pipe(v.string(), v.minLength(1, 'a name'))),
    show_limit_quota_header: v.optional(v.boolean(), true),
  }),
  v.check(
    ({ count, time_window, rules }) =>
      (count !== undefined) === (time_window !== undefined) &&
      (count !== undefined) !== (rules !== undefined),
    'count and time_window, or rules',
  ),
);

type CountConfig = v.InferOutput<typeof schema>;

/** One limit: the name that a request counts for (undefined if the rule does not apply), and its response headers. */
interface Rule {
  readonly count: number;
  readonly windowMs: number;
  readonly nameOf: (exchange: Exchange) => string | undefined;
  /** Stands before `ratelimit-` in the names of headers. */
  readonly prefix: string;
}

/** Counts a request; undefined for one that the rule does not count. */
type Counter = (exchange: Exchange) => (() => Promise<Counted>) | undefined;

interface Counted extends Taken {
  readonly headers: Readonly<Record<string, string>>;
}

const plugin = 'limit-count';

/** Limits the number of requests in a time window; answers `RATE_LIMITED`. docs/plugins/limit-count.md. */
export const limitCount = definePlugin({
  name: plugin,
  priority: 1002,
  schema,
  create(config, services, context) {
    const counters = toRules(config, context).map((rule, index) =>
      toCounter({ config, rule, index }, services, context),
    );
    const dropOtherSpellings = createSpellingFilter(readCountedHeaders(config));
    return async (received, next) => {
      const exchange = dropOtherSpellings(received);
      const counts = counters.flatMap((counter) => counter(exchange) ?? []);
      if (counts.length === 0 && !config.allow_degradation) {
        throw new ProxyError('ACCESS_UNDECIDED', 'no rule of limit-count counts the request');
      }
      const headers: Record<string, string> = {};
      for (const count of counts) {
        const taken = await decide(count, config, services);
        Object.assign(headers, taken?.headers);
        if (taken?.isAllowed === false) {
          throw toLimited(config, { plugin, waitMs: taken.resetMs, headers });
        }
      }
      return answerWith(exchange, next, { set: headers });
    };
  },
});

function readCountedHeaders({ rules, ...config }: CountConfig): ReadonlySet<string> {
  if (!rules) return headersOfKey(config);
  const all = rules.map(({ key }) => headersOfKey({ key, key_type: 'var_combination' }));
  return new Set(all.flatMap((names) => [...names]));
}

/** @throws DocumentError for a key of variables that there are not */
function toRules(config: CountConfig, context: ParseContext): readonly Rule[] {
  const { count, time_window, rules } = config;
  if (count !== undefined && time_window !== undefined) {
    const nameOf = compileKey(config, context);
    return [{ count, windowMs: time_window * 1000, nameOf, prefix: 'x-' }];
  }
  const list = pointerTo(context.pointer, 'rules');
  return (rules ?? []).map((rule, index) => ({
    count: rule.count,
    windowMs: rule.time_window * 1000,
    nameOf: compileRuleKey(rule.key, pointerTo(pointerTo(list, index), 'key')),
    prefix: `x-${(rule.header_prefix ?? String(index + 1)).toLowerCase()}-`,
  }));
}

interface RuleOfConfig {
  readonly config: CountConfig;
  readonly rule: Rule;
  readonly index: number;
}

function toCounter(
  { config, rule, index }: RuleOfConfig,
  services: PluginServices,
  context: ParseContext,
): Counter {
  const store = createCountStore(rule, {
    group: config.group === undefined ? undefined : `${config.group}#${index}`,
    owner: `${services.parameter}#${context.pointer}#${index}`,
    table: readTable(config, services, context),
    share: services.limits.share,
    now: services.now,
  });
  return (exchange) => {
    const name = rule.nameOf(exchange);
    if (name === undefined) return undefined;
    return async () => {
      const taken = await store.take(name);
      return { ...taken, headers: config.show_limit_quota_header ? toHeaders(rule, taken) : {} };
    };
  };
}

function toHeaders({ count, prefix }: Rule, { remaining, resetMs }: Taken): Record<string, string> {
  return {
    [`${prefix}ratelimit-limit`]: String(count),
    [`${prefix}ratelimit-remaining`]: String(remaining),
    [`${prefix}ratelimit-reset`]: String(Math.ceil(resetMs / 1000)),
  };
}
