/** A limiting plugin in front of a handle, with a table to count in. */
import type { Exchange, Handle } from '../../functions/proxy/chain/exchange.ts';
import { createShare } from '../../functions/proxy/chain/share.ts';
import type { Plugin, PluginServices } from '../../functions/proxy/plugins/plugin.ts';
import type {
  Item,
  LimitTable,
  Update,
} from '../../functions/proxy/plugins/traffic/limits/table.ts';
import { toExchange, toResponse, toServices } from './builders.ts';

export interface LimitParts {
  readonly table?: LimitTable;
  readonly next?: Handle;
  readonly parameter?: string;
  /** How far the clock moves while a request waits. @default 0 */
  readonly oversleptMs?: number;
  /** What the limits of an environment share. @default a store of its own */
  readonly share?: PluginServices['limits']['share'];
}

/** A plugin in front of a handle, on a clock that stands still unless it is moved. */
export function prepareLimit(plugin: Plugin, config: object, parts: LimitParts = {}) {
  const clock = { ms: 1_000_000 };
  const slept: number[] = [];
  const own = toServices();
  const ofEnvironment = parts.share ?? own.limits.share ?? createShare();
  const share: NonNullable<PluginServices['limits']['share']> = (key, create) =>
    parts.table && key === 'limit table'
      ? (parts.table as ReturnType<typeof create>)
      : ofEnvironment(key, create);
  const services = {
    ...own,
    now: () => clock.ms,
    sleep: async (ms: number) => {
      slept.push(ms);
      clock.ms += parts.oversleptMs ?? 0;
    },
    limits: { ...own.limits, share },
    parameter: parts.parameter ?? own.parameter,
    owner: parts.parameter ?? own.owner,
  };
  const { middleware } = plugin.prepare(config, services, { pointer: '/x', written: config });
  const next: Handle = parts.next ?? (async () => toResponse({ status: 201 }));
  const ask = (deadlineMs = Number.MAX_SAFE_INTEGER, exchange: Partial<Exchange> = {}) =>
    middleware(toExchange({ deadlineMs, ...exchange }), next);
  return { ask, clock, slept, services };
}

/** Keeps what it is asked, and answers with the item: by default one lease is held, and the bucket is empty. */
export function createListeningTable(item: Item = { leases: { SS: ['1:a'] }, dry: { N: '0' } }) {
  const heard: { readonly key: string; readonly update: Update }[] = [];
  const table: LimitTable = {
    async update(key, update) {
      heard.push({ key, update });
      return item;
    },
  };
  return { table, heard };
}
