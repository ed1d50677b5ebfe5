/** Apache APISIX's `attach-consumer-label`: tells the upstream labels of the consumer. */
import * as v from 'valibot';
import { headerName } from '../../documents/attributes.ts';
import { recordOf, strictObject } from '../../documents/schema.ts';
import { isOpenTo } from '../../http/header-names.ts';
import { toDashed } from '../../http/headers.ts';
import { definePlugin } from '../plugin.ts';
import { withoutControls } from '../text-template.ts';

/** What the plugins that authenticate say themselves. */
const ownNames = new Set(['x-consumer-username', 'x-consumer-custom-id']);
const nameWords =
  'the name of a header that says who a client is, such as X-Consumer-Role; not X-Consumer-Username, X-Consumer-Custom-Id or X-Credential-Identifier';

function isFree(name: string): boolean {
  const dashed = toDashed(name.toLowerCase());
  const isConsumers = dashed.startsWith('x-consumer-') || isOpenTo('identity', dashed);
  return isConsumers && !ownNames.has(dashed) && v.is(headerName, name);
}

const schema = strictObject({
  headers: v.pipe(
    recordOf(v.pipe(v.string(), v.regex(/^\$./, 'the name of a label behind a $, such as $role'))),
    v.check((headers) => Object.keys(headers).length > 0, 'at least one header'),
    v.check((headers) => Object.keys(headers).every(isFree), nameWords),
  ),
});

/** Sets headers to labels of the consumer. docs/plugins/attach-consumer-label.md. */
export const attachConsumerLabel = definePlugin({
  name: 'attach-consumer-label',
  priority: 2399,
  schema,
  identityHeaders: ({ headers }) => Object.keys(headers).map((name) => name.toLowerCase()),
  create({ headers }) {
    const names = Object.entries(headers).map(
      ([name, label]) => [name.toLowerCase(), label.slice(1)] as const,
    );
    return async (exchange, next) => {
      const { consumer } = exchange;
      if (!consumer) return next(exchange);
      const identity = new Map(exchange.identity);
      for (const [name, label] of names) {
        const value = Object.hasOwn(consumer.labels, label) ? consumer.labels[label] : undefined;
        identity.set(name, value === undefined ? undefined : withoutControls(value));
      }
      return next({ ...exchange, identity });
    };
  },
});
