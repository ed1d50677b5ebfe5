/** Apache APISIX's `limit-conn`: so many requests at the same time. */
import * as v from 'valibot';
import type { Exchange } from '../../chain/exchange.ts';
import { keepState } from '../../chain/kept-state.ts';
import { createSpellingFilter } from '../../chain/with-header.ts';
import { type ParseContext, pointerTo } from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { amount, compileAmount, headersOfAmounts } from './limits/amount.ts';
import { compileKey, compileRuleKey, headersOfKey } from './limits/key.ts';
import { createLeaseStore, type Lease, type LeaseStore } from './limits/lease-store.ts';
import { decide, keyTypes, limitEntries, readTable, rulesOf, toLimited } from './limits/policy.ts';
import { runUntilEnd } from './limits/run-until-end.ts';

/** A lease takes 50 bytes of an item, and DynamoDB's items hold 400 KB. */
const maxInTable = 5000;
const conns = { minimum: 1, maximum: 100_000, mayShrink: true };
const bursts = { minimum: 0, maximum: 100_000, mayShrink: true };

const schema = v.pipe(
  strictObject({
    ...limitEntries,
    conn: v.optional(amount(conns)),
    burst: v.optional(amount(bursts)),
    default_conn_delay: v.pipe(
      v.number(),
      v.check((value) => value > 0, 'a number of seconds greater than 0'),
    ),
    only_use_default_delay: v.optional(v.boolean(), false),
    key: v.optional(v.string(), 'remote_addr'),
    key_type: v.optional(v.picklist(keyTypes), 'var'),
    rules: v.optional(
      rulesOf(strictObject({ conn: amount(conns), burst: amount(bursts), key: v.string() })),
    ),
  }),
  v.check(
    ({ conn, burst, rules }) =>
      (conn !== undefined) === (burst !== undefined) &&
      (conn !== undefined) !== (rules !== undefined),
    'conn and burst, or rules',
  ),
  v.check(
    ({ policy, conn, burst, rules = [] }) =>
      policy === 'local' || [{ conn, burst }, ...rules].every(fitsInTable),
    'conn and burst of 5000 together at most, beside policy dynamodb',
  ),
);

type ConnConfig = v.InferOutput<typeof schema>;

interface SomeAmounts {
  readonly conn?: number | string | undefined;
  readonly burst?: number | string | undefined;
}

/** Amounts with variables are known only at request time; they are capped then. */
function fitsInTable({ conn, burst }: SomeAmounts): boolean {
  const numbers = [conn, burst].map((value) => (typeof value === 'number' ? value : 0));
  return numbers.reduce((sum, value) => sum + value, 0) <= maxInTable;
}

/** One limit: the name that a request counts for (undefined if the rule does not apply), and how many may be under way. */
interface Rule {
  readonly nameOf: (exchange: Exchange) => string | undefined;
  readonly readLimit: (exchange: Exchange) => ConnLimit | undefined;
  readonly store: LeaseStore;
}

interface ConnLimit {
  readonly conn: number;
  readonly max: number;
}

interface Held {
  readonly lease: Lease;
  readonly conn: number;
}

const plugin = 'limit-conn';

/** Limits the number of concurrent requests; answers `RATE_LIMITED`. docs/plugins/limit-conn.md. */
export const limitConn = definePlugin({
  name: plugin,
  priority: 1003,
  schema,
  create(config, services, context) {
    const { now, sleep, log, warn } = services;
    if (config.policy === 'local') warn(localWarning);
    const rules = toRules(config, services, context);
    const dropOtherSpellings = createSpellingFilter(readCountedHeaders(config));
    // As in APISIX: it follows how long requests take, unless the document forbids it.
    let unitMs = config.default_conn_delay * 1000;
    const giveBack = async (all: readonly Held[]) => {
      for (const { lease } of all) {
        await lease.release().catch((error: unknown) => {
          log('warn', 'a lease of limit-conn was not given back, and ends by itself', { error });
        });
      }
    };
    const acquireAll = async (exchange: Exchange): Promise<readonly Held[]> => {
      const held: Held[] = [];
      try {
        for (const wanted of findWanted(rules, exchange, config)) {
          const answer = await decide(async () => ({ own: await wanted() }), config, services);
          if (!answer) continue;
          if (!answer.own) throw toLimited(config, { plugin, waitMs: unitMs });
          held.push(answer.own);
        }
        return held;
      } catch (error) {
        await giveBack(held);
        throw error;
      }
    };
    return async (received, next) => {
      const exchange = dropOtherSpellings(received);
      const { deadlineMs } = exchange;
      const held = await acquireAll(exchange);
      if (held.length === 0) return next(exchange);
      let beganMs = now();
      const release = async () => {
        if (!config.only_use_default_delay) unitMs = (now() - beganMs + unitMs) / 2;
        await giveBack(held);
      };
      return runUntilEnd(release, async () => {
        const delayMs = held.reduce((sum, own) => sum + toDelayMs(own, unitMs), 0);
        if (now() + delayMs >= deadlineMs) throw toLimited(config, { plugin, waitMs: delayMs });
        if (delayMs > 0) await sleep(delayMs);
        beganMs = now();
        return next(exchange);
      });
    };
  },
});

function toDelayMs({ lease: { running }, conn }: Held, unitMs: number): number {
  return unitMs * Math.floor((running - 1) / conn);
}

/**
 * @returns a function for each limit that counts the request, which asks for a lease
 * @throws ProxyError `ACCESS_UNDECIDED` if none does, and the document does not let such requests pass
 */
function findWanted(
  rules: readonly Rule[],
  exchange: Exchange,
  { allow_degradation }: ConnConfig,
): readonly (() => Promise<Held | undefined>)[] {
  const wanted = rules.flatMap(({ nameOf, readLimit, store }) => {
    const name = nameOf(exchange);
    if (name === undefined) return [];
    const limit = readLimit(exchange);
    return [
      async () => {
        if (!limit) throw new Error('an amount that a plugin has set is no whole number');
        const expiresMs = exchange.deadlineMs + leaseMarginMs;
        const lease = await store.acquire(name, { max: limit.max, expiresMs });
        return lease && { lease, conn: limit.conn };
      },
    ];
  });
  if (wanted.length > 0 || allow_degradation) return wanted;
  throw new ProxyError('ACCESS_UNDECIDED', 'no rule of limit-conn counts the request');
}

/** @throws DocumentError for a key or amount of variables that there are not */
function toRules(
  config: ConnConfig,
  services: PluginServices,
  context: ParseContext,
): readonly Rule[] {
  const { owner, limits, now, warn } = services;
  const table = readTable(config, services, context);
  const mostOfAll = table ? maxInTable : Number.MAX_SAFE_INTEGER;
  const toRule = (own: Amounts, pointer: string, index: number): Omit<Rule, 'nameOf'> => {
    const at = (name: string) => pointerTo(pointer, name);
    const readConn = compileAmount(own.conn, { range: conns, pointer: at('conn'), warn });
    const readBurst = compileAmount(own.burst, { range: bursts, pointer: at('burst'), warn });
    const ofRule = index === 0 ? owner : `${owner}#${index}`;
    const create = () => createLeaseStore({ owner: ofRule, table, now });
    return {
      // What a table keeps survives an edit by itself.
      store: table ? create() : keepState(limits.share, [plugin, ofRule, config], create),
      readLimit(exchange) {
        const [conn, burst] = [readConn(exchange), readBurst(exchange)];
        if (conn === undefined || burst === undefined) return undefined;
        return { conn, max: Math.min(conn + burst, mostOfAll) };
      },
    };
  };
  const { conn, burst } = config;
  if (conn !== undefined && burst !== undefined) {
    const rule = toRule({ conn, burst }, context.pointer, 0);
    return [{ ...rule, nameOf: compileKey(config, context) }];
  }
  const list = pointerTo(context.pointer, 'rules');
  return (config.rules ?? []).map((rule, index) => {
    const pointer = pointerTo(list, index);
    return {
      ...toRule(rule, pointer, index),
      nameOf: compileRuleKey(rule.key, pointerTo(pointer, 'key')),
    };
  });
}

interface Amounts {
  readonly conn: number | string;
  readonly burst: number | string;
}

function readCountedHeaders({ rules, ...config }: ConnConfig): ReadonlySet<string> {
  const amounts = (rules ?? [config]).flatMap(({ conn, burst }) => [conn, burst]);
  const keys = rules
    ? rules.map(({ key }) => headersOfKey({ key, key_type: 'var_combination' }))
    : [headersOfKey(config)];
  return new Set([...keys.flatMap((names) => [...names]), ...headersOfAmounts(amounts)]);
}

const localWarning =
  'limit-conn counts in one environment, and Lambda gives an environment one request at a time: policy dynamodb counts in all of them';
/** Time for work that an environment does after the response has ended. */
const leaseMarginMs = 5000;
