/** Apache APISIX's `consumer-restriction`: which consumers may use a route, by which methods; or which routes a consumer may. */
import * as v from 'valibot';
import { distinct, integer, listOf, message } from '../../documents/attributes.ts';
import { method, strictObject } from '../../documents/schema.ts';
import { unauthenticated } from '../authentication/identify.ts';
import { definePlugin } from '../plugin.ts';
import { rejection } from '../rejection.ts';

const name = v.pipe(v.string(), v.minLength(1, 'a name'));

const schema = v.pipe(
  strictObject({
    type: v.optional(
      v.picklist(
        ['consumer_name', 'route_id'],
        'consumer_name or route_id (of a service name its routes, of a consumer group its consumers)',
      ),
      'consumer_name',
    ),
    whitelist: v.optional(listOf(name)),
    blacklist: v.optional(listOf(name)),
    allowed_by_methods: v.optional(
      v.pipe(
        v.array(strictObject({ user: name, methods: listOf(method) })),
        distinct('user', ({ user }) => user),
      ),
    ),
    rejected_code: v.optional(integer(200, 599), 403),
    rejected_msg: v.optional(message),
  }),
  v.check(
    ({ whitelist, blacklist, allowed_by_methods }) =>
      Boolean(whitelist ?? blacklist ?? allowed_by_methods),
    'whitelist, blacklist or allowed_by_methods',
  ),
);

type RestrictionConfig = v.InferOutput<typeof schema>;

/**
 * Allows or refuses consumers by name or route. Answers `FORBIDDEN`, or `UNAUTHENTICATED` where no consumer is known.
 * docs/plugins/consumer-restriction.md.
 */
export const consumerRestriction = definePlugin({
  name: 'consumer-restriction',
  priority: 2400,
  schema,
  // Lists without a whitelist let in each consumer that they do not name, and that may be an anonymous one.
  refusesClients: (config, { anonymousConsumers }) =>
    config.type === 'consumer_name' &&
    config.whitelist !== undefined &&
    ![...anonymousConsumers].some((name) => isListed(name, config)),
  create(config) {
    const { type, rejected_code: status, rejected_msg } = config;
    return async (exchange, next) => {
      const { consumer, record, request } = exchange;
      const value = type === 'route_id' ? record.routeId : consumer?.username;
      if (value === undefined) {
        const detail = `The request is rejected, please check the ${type} for this request`;
        throw unauthenticated('consumer', detail);
      }
      if (isAllowed(value, request.method, config)) return next(exchange);
      const detail = rejected_msg ?? `The ${type} is forbidden.`;
      throw rejection('FORBIDDEN', { plugin: 'consumer-restriction', status, message: detail });
    };
  },
});

function isListed(name: string, { whitelist, blacklist }: RestrictionConfig): boolean {
  return whitelist?.includes(name) === true && !blacklist?.includes(name);
}

/** APISIX's order: the blacklist decides first, then the whitelist; `allowed_by_methods` counts only without a whitelist. */
function isAllowed(value: string, requestMethod: string, config: RestrictionConfig): boolean {
  const { whitelist, blacklist, allowed_by_methods: byMethods } = config;
  if (blacklist?.includes(value)) return false;
  if (whitelist) return whitelist.includes(value);
  const methods = byMethods?.find(({ user }) => user === value)?.methods;
  return methods === undefined || methods.some((own) => own === requestMethod);
}
