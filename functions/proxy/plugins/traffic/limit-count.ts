/** Apache APISIX's `limit-count`: so many requests in a window of time. */
import * as v from 'valibot';
import { answerWith } from '../../chain/answer-headers.ts';
import type { Exchange } from '../../chain/exchange.ts';
import { createSpellingFilter } from '../../chain/with-header.ts';
import { type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { amount, compileAmount, headersOfAmounts } from './limits/amount.ts';
import { type CountLimit, createCountStore, type Taken } from './limits/count-store.ts';
import { compileKey, compileRuleKey, headersOfKey } from './limits/key.ts';
import { decide, keyTypes, limitEntries, readTable, rulesOf, toLimited } from './limits/policy.ts';

const counts = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, mayShrink: true };
/** What a client says about the window counts for nothing: each length has counts of its own. */
const windows = { minimum: 1, maximum: 31_536_000, mayShrink: false };

const schema = v.pipe(
  strictObject({
    ...limitEntries,
    count: v.optional(amount(counts)),
    time_window: v.optional(amount(windows)),
    window_type: v.optional(v.picklist(['fixed', 'sliding'], 'fixed or sliding'), 'fixed'),
    rules: v.optional(
      rulesOf(
        strictObject({
          count: amount(counts),
          time_window: amount(windows),
          key: v.string(),
          header_prefix: v.optional(
            v.pipe(v.string(), v.regex(/^[0-9A-Za-z-]+$/, 'letters, digits or `-`')),
          ),
        }),
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
  readonly readLimit: (exchange: Exchange) => CountLimit | undefined;
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
    const counters = toRules(config, services, context).map((rule, index) =>
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
  const amounts = (rules ?? [config]).flatMap(({ count, time_window }) => [count, time_window]);
  const keys = rules
    ? rules.map(({ key }) => headersOfKey({ key, key_type: 'var_combination' }))
    : [headersOfKey(config)];
  return new Set([...keys.flatMap((names) => [...names]), ...headersOfAmounts(amounts)]);
}

/** @throws DocumentError for a key or amount of variables that there are not */
function toRules(
  config: CountConfig,
  { warn }: PluginServices,
  context: ParseContext,
): readonly Rule[] {
  const { count, time_window, rules } = config;
  const toLimit = (own: Amounts, pointer: string): Rule['readLimit'] => {
    const at = (name: string) => pointerTo(pointer, name);
    const readCount = compileAmount(own.count, { range: counts, pointer: at('count'), warn });
    const seconds = { range: windows, pointer: at('time_window'), warn };
    const readSeconds = compileAmount(own.time_window, seconds);
    return (exchange) => {
      const [most, length] = [readCount(exchange), readSeconds(exchange)];
      if (most === undefined || length === undefined) return undefined;
      return { count: most, windowMs: length * 1000 };
    };
  };
  if (count !== undefined && time_window !== undefined) {
    const nameOf = compileKey(config, context);
    return [{ readLimit: toLimit({ count, time_window }, context.pointer), nameOf, prefix: 'x-' }];
  }
  const list = pointerTo(context.pointer, 'rules');
  return (rules ?? []).map((rule, index) => ({
    readLimit: toLimit(rule, pointerTo(list, index)),
    nameOf: compileRuleKey(rule.key, pointerTo(pointerTo(list, index), 'key')),
    prefix: `x-${(rule.header_prefix ?? String(index + 1)).toLowerCase()}-`,
  }));
}

interface Amounts {
  readonly count: number | string;
  readonly time_window: number | string;
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
  const store = createCountStore({
    isSliding: config.window_type === 'sliding',
    group: config.group === undefined ? undefined : `${config.group}#${index}`,
    owner: `${services.owner}#${index}`,
    settings: config,
    table: readTable(config, services, context),
    share: services.limits.share,
    now: services.now,
  });
  return (exchange) => {
    const name = rule.nameOf(exchange);
    if (name === undefined) return undefined;
    const limit = rule.readLimit(exchange);
    return async () => {
      if (!limit) throw new Error('an amount that a plugin has set is no whole number');
      const taken = await store.take(name, limit);
      const headers = config.show_limit_quota_header ? toHeaders(rule, limit, taken) : {};
      return { ...taken, headers };
    };
  };
}

function toHeaders(
  { prefix }: Rule,
  { count }: CountLimit,
  { remaining, resetMs }: Taken,
): Record<string, string> {
  return {
    [`${prefix}ratelimit-limit`]: String(count),
    [`${prefix}ratelimit-remaining`]: String(remaining),
    [`${prefix}ratelimit-reset`]: String(Math.ceil(resetMs / 1000)),
  };
}
