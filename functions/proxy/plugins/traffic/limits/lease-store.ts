/**
 * Requests under way, by name. Each holds a lease that ends with the time that the request may take at most, so that an
 * environment that dies gives back what it held.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../http/time.ts';
import { type LimitTable, toExpiry, toItemKey } from './table.ts';

/** The permission to run one request, until `release` is called. */
export interface Lease {
  /** Requests of the name that are under way, this one included. */
  readonly running: number;
  /** To be called once. */
  release(): Promise<void>;
}

/** Leases by name, of which a limited number is given at a time. */
export interface LeaseStore {
  /** @returns undefined when as many as may be are under way */
  acquire(name: string, wanted: WantedLease): Promise<Lease | undefined>;
}

/** What a request asks for. */
export interface WantedLease {
  /** How many of the name may be under way, this one included. */
  readonly max: number;
  readonly expiresMs: number;
}

/** Where leases are kept. */
export interface LeaseStoreOptions {
  /** Owner of the leases: the same name in every environment. */
  readonly owner: string;
  /** Undefined keeps them in memory. */
  readonly table: LimitTable | undefined;
  readonly now: Clock;
}

/**
 * Creates leases in memory, or in a DynamoDB table where one is given. `acquire` rejects when the table gives no
 * answer.
 */
export function createLeaseStore(options: LeaseStoreOptions): LeaseStore {
  const { table } = options;
  return table ? leaseInTable(table, options) : leaseInMemory(options);
}

/** No more entries than requests under way. */
function leaseInMemory({ now }: LeaseStoreOptions): LeaseStore {
  const byName = new Map<string, Map<string, number>>();
  return {
    async acquire(name, { max, expiresMs }) {
      const leases = byName.get(name) ?? new Map<string, number>();
      for (const [id, endsMs] of leases) if (endsMs <= now()) leases.delete(id);
      if (leases.size >= max) return undefined;
      const id = randomUUID();
      leases.set(id, expiresMs);
      byName.set(name, leases);
      return {
        running: leases.size,
        async release() {
          leases.delete(id);
          if (leases.size === 0 && byName.get(name) === leases) byName.delete(name);
        },
      };
    },
  };
}

/** An item is the set of its leases, each named by when it ends. */
function leaseInTable(table: LimitTable, { owner, now }: LeaseStoreOptions): LeaseStore {
  const add = async (key: string, id: string, { max, expiresMs }: WantedLease) => {
    const item = await table.update(key, {
      update: 'ADD leases :lease SET expires_at = :expires',
      condition: 'attribute_not_exists(leases) OR size(leases) < :max',
      values: {
        ':lease': { SS: [id] },
        ':max': { N: String(max) },
        ':expires': toExpiry(expiresMs),
      },
    });
    return item?.['leases']?.SS?.length;
  };
  const list = async (key: string, expiresMs: number) => {
    const values = { ':expires': toExpiry(expiresMs) };
    const item = await table.update(key, { update: 'SET expires_at = :expires', values });
    return item?.['leases']?.SS ?? [];
  };
  const remove = (key: string, ids: readonly string[]) =>
    table.update(key, { update: 'DELETE leases :leases', values: { ':leases': { SS: [...ids] } } });
  return {
    async acquire(name, wanted) {
      const { expiresMs } = wanted;
      const key = toItemKey('limit-conn', owner, name);
      const id = `${Math.ceil(expiresMs)}:${randomUUID()}`;
      let running = await add(key, id, wanted);
      if (running === undefined) {
        const over = (await list(key, expiresMs)).filter(
          (lease) => Number.parseInt(lease, 10) <= now(),
        );
        if (over.length === 0) return undefined;
        await remove(key, over);
        running = await add(key, id, wanted);
      }
      if (running === undefined) return undefined;
      return {
        running,
        async release() {
          await remove(key, [id]);
        },
      };
    },
  };
}
