/** Apache APISIX's `limit-conn`: so many requests at the same time. */
import * as v from 'valibot';
import { createSpellingFilter } from '../../chain/with-header.ts';
import { integer } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import type { ProxyResponse } from '../../http/message.ts';
import { definePlugin } from '../plugin.ts';
import { compileKey, headersOfKey } from './limits/key.ts';
import { createLeaseStore } from './limits/lease-store.ts';
import { decide, keyTypes, limitEntries, readTable, toLimited } from './limits/policy.ts';

/** A lease takes 50 bytes of an item, and DynamoDB's items hold 400 KB. */
const maxInTable = 5000;

const schema = v.pipe(
  strictObject({
    ...limitEntries,
    conn: integer(1, 100_000),
    burst: integer(0, 100_000),
    default_conn_delay: v.pipe(
      v.number(),
      v.check((value) => value > 0, 'a number of seconds greater than 0'),
    ),
    only_use_default_delay: v.optional(v.boolean(), false),
    key: v.optional(v.string(), 'remote_addr'),
    key_type: v.optional(v.picklist(keyTypes), 'var'),
  }),
  v.check(
    ({ policy, conn, burst }) => policy === 'local' || conn + burst <= maxInTable,
    'conn and burst of 5000 together at most, beside policy dynamodb',
  ),
);

const plugin = 'limit-conn';

/** Limits the number of concurrent requests; answers `RATE_LIMITED`. docs/plugins/limit-conn.md. */
export const limitConn = definePlugin({
  name: plugin,
  priority: 1003,
  schema,
  create(config, services, context) {
    const { now, sleep, log, warn } = services;
    const { conn } = config;
    if (config.policy === 'local') warn(localWarning);
    const nameOf = compileKey(config, context);
    const dropOtherSpellings = createSpellingFilter(headersOfKey(config));
    const store = createLeaseStore({
      max: conn + config.burst,
      owner: `${services.parameter}#${context.pointer}`,
      table: readTable(config, services, context),
      now,
    });
    // As in APISIX: it follows how long requests take, unless the document forbids it.
    let unitMs = config.default_conn_delay * 1000;
    return async (received, next) => {
      const exchange = dropOtherSpellings(received);
      const { deadlineMs } = exchange;
      const name = nameOf(exchange);
      const acquire = () => store.acquire(name, deadlineMs + leaseMarginMs);
      const lease = await decide(async () => ({ held: await acquire() }), config, services);
      if (!lease) return next(exchange);
      const { held } = lease;
      if (!held) throw toLimited(config, { plugin, waitMs: unitMs });
      let beganMs = now();
      const release = async () => {
        if (!config.only_use_default_delay) unitMs = (now() - beganMs + unitMs) / 2;
        await held.release().catch((error: unknown) => {
          log('warn', 'a lease of limit-conn was not given back, and ends by itself', { error });
        });
      };
      return runUntilEnd(release, async () => {
        const delayMs = held.running > conn ? unitMs * Math.floor((held.running - 1) / conn) : 0;
        if (now() + delayMs >= deadlineMs) throw toLimited(config, { plugin, waitMs: delayMs });
        if (delayMs > 0) await sleep(delayMs);
        beganMs = now();
        return next(exchange);
      });
    };
  },
});

const localWarning =
  'limit-conn counts in one environment, and Lambda gives an environment one request at a time: policy dynamodb counts in all of them';
/** Time for work that an environment does after the response has ended. */
const leaseMarginMs = 5000;

/** Calls `onEnd` once: when the answer's body is over or given up, or when there is no answer. */
async function runUntilEnd(
  onEnd: () => Promise<void>,
  run: () => Promise<ProxyResponse>,
): Promise<ProxyResponse> {
  let response: ProxyResponse;
  try {
    response = await run();
  } catch (error) {
    await onEnd();
    throw error;
  }
  const { body } = response;
  if (!Buffer.isBuffer(body)) return { ...response, body: readUntilEnd(body, onEnd) };
  await onEnd();
  return response;
}

/** No generator: one that is given up before its first chunk never gets to its `finally`. */
function readUntilEnd(
  body: AsyncIterable<Buffer>,
  onEnd: () => Promise<void>,
): AsyncIterableIterator<Buffer> {
  const chunks = body[Symbol.asyncIterator]();
  let isOver = false;
  const end = async () => {
    if (isOver) return;
    isOver = true;
    await onEnd();
  };
  return {
    async next() {
      try {
        const result = await chunks.next();
        if (result.done) await end();
        return result;
      } catch (error) {
        await end();
        throw error;
      }
    },
    async return() {
      await chunks.return?.();
      await end();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
