/** Apache APISIX's `client-control`: a limit on the size of request bodies, in front of all other plugins. */
import * as v from 'valibot';
import { integer } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { ProxyError } from '../../http/errors.ts';
import { definePlugin } from '../plugin.ts';

const schema = strictObject({
  max_body_size: v.optional(integer(0, Number.MAX_SAFE_INTEGER)),
});

/** Refuses bodies that are too large with `BODY_TOO_LARGE`. docs/plugins/client-control.md. */
export const clientControl = definePlugin({
  name: 'client-control',
  priority: 22_000,
  schema,
  create({ max_body_size: maxBytes = 0 }) {
    return async (exchange, next) => {
      const size = exchange.request.body.length;
      if (maxBytes === 0 || size <= maxBytes) return next(exchange);
      throw new ProxyError('BODY_TOO_LARGE', `${size} bytes, at most ${maxBytes} (client-control)`);
    };
  },
});
