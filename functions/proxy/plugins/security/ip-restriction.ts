/** Apache APISIX's `ip-restriction`: lets addresses in, or keeps addresses out. */
import * as v from 'valibot';
import { addressRange, coversFamily, createAddressSet } from '../../documents/address.ts';
import { eitherOf, integer, listOf, message } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { definePlugin } from '../plugin.ts';
import { rejection } from '../rejection.ts';

const schema = v.pipe(
  strictObject({
    whitelist: v.optional(listOf(addressRange)),
    blacklist: v.optional(listOf(addressRange)),
    message: v.optional(message, 'Your IP address is not allowed'),
    response_code: v.optional(integer(403, 404), 403),
  }),
  eitherOf('whitelist', 'blacklist'),
);

/** Allows or refuses clients by address; answers `FORBIDDEN`. docs/plugins/ip-restriction.md. */
export const ipRestriction = definePlugin({
  name: 'ip-restriction',
  priority: 3000,
  schema,
  refusesClients: ({ whitelist }, { clientChoosesAddress }) =>
    whitelist !== undefined && !clientChoosesAddress && !coversFamily(whitelist),
  create({ whitelist, blacklist, message: detail, response_code: status }) {
    const allowed = whitelist && createAddressSet(whitelist);
    const denied = createAddressSet(blacklist ?? []);
    return async (exchange, next) => {
      const { clientIp } = exchange.request;
      // What is no address is on no list, and is let in by none.
      const isLetIn = allowed ? allowed.has(clientIp) === true : denied.has(clientIp) === false;
      if (isLetIn) return next(exchange);
      throw rejection('FORBIDDEN', { plugin: 'ip-restriction', status, message: detail });
    };
  },
});
