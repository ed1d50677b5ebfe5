/** Apache APISIX's `limit-req`: a leaky bucket; requests beyond the rate wait their turn, and beyond the burst are refused. */
import * as v from 'valibot';
import { keepState } from '../../chain/kept-state.ts';
import { createSpellingFilter } from '../../chain/with-header.ts';
import { strictObject } from '../../documents/schema.ts';
import { definePlugin } from '../plugin.ts';
import { createBucketStore } from './limits/bucket-store.ts';
import { compileKey, headersOfKey } from './limits/key.ts';
import { decide, keyTypes, limitEntries, readTable, toLimited } from './limits/policy.ts';

const minRate = 0.000_001;
const maxBurst = 1_000_000;

const schema = strictObject({
  ...limitEntries,
  rate: v.pipe(v.number(), v.minValue(minRate, 'a number of requests a second, at least 0.000001')),
  burst: v.pipe(
    v.number(),
    v.minValue(0, 'a number of requests from 0 to 1000000'),
    v.maxValue(maxBurst, 'a number of requests from 0 to 1000000'),
  ),
  key: v.string(),
  key_type: v.optional(v.picklist(keyTypes), 'var'),
  nodelay: v.optional(v.boolean(), false),
});

const plugin = 'limit-req';

/** Limits the request rate by the leaky bucket algorithm; answers `RATE_LIMITED`. docs/plugins/limit-req.md. */
export const limitReq = definePlugin({
  name: plugin,
  priority: 1001,
  schema,
  create(config, services, context) {
    const { now, sleep } = services;
    const nameOf = compileKey(config, context);
    const dropOtherSpellings = createSpellingFilter(headersOfKey(config));
    const { owner, limits } = services;
    const table = readTable(config, services, context);
    const create = () => createBucketStore(config, { owner, table, now });
    // What a table keeps survives an edit by itself.
    const store = table ? create() : keepState(limits.share, ['limit-req', owner, config], create);
    return async (received, next) => {
      const exchange = dropOtherSpellings(received);
      const name = nameOf(exchange);
      const poured = await decide(() => store.pour(name), config, services);
      if (!poured) return next(exchange);
      const { isAllowed, waitMs } = poured;
      const delayMs = config.nodelay ? 0 : waitMs;
      // Waiting longer than the answer may take would be a refusal that took its time.
      const isLate = now() + delayMs >= exchange.deadlineMs;
      if (!isAllowed || isLate) throw toLimited(config, { plugin, waitMs });
      if (delayMs > 0) await sleep(delayMs);
      return next(exchange);
    };
  },
});
