/** Apache APISIX's `ua-restriction`: lets user agents in, or keeps them out, by what they call themselves. */
import * as v from 'valibot';
import { strictObject } from '../routes/document-error.ts';
import { message } from './attributes.ts';
import { compilePatterns, maxTextCharacters, patterns } from './pattern.ts';
import { definePlugin } from './plugin.ts';
import { rejection } from './rejection.ts';

const schema = v.pipe(
  strictObject({
    allowlist: v.optional(patterns),
    denylist: v.optional(patterns),
    bypass_missing: v.optional(v.boolean(), false),
    message: v.optional(message, 'Not allowed'),
  }),
  v.check(
    ({ allowlist, denylist }) => (allowlist === undefined) !== (denylist === undefined),
    'either allowlist or denylist',
  ),
);

export const uaRestriction = definePlugin({
  name: 'ua-restriction',
  priority: 2999,
  schema,
  create({ allowlist, denylist, bypass_missing: mayBeMissing, message: detail }) {
    const isNamed = compilePatterns(allowlist ?? denylist ?? []);
    const isLetIn = (agent: string) => {
      if (agent.length > maxTextCharacters) return false;
      return allowlist ? isNamed(agent) : !toReadings(agent).some(isNamed);
    };
    return async (exchange, next) => {
      const agent = exchange.request.headers['user-agent']?.trim();
      if (agent ? isLetIn(agent) : mayBeMissing) return next(exchange);
      throw rejection('FORBIDDEN', { plugin: 'ua-restriction', status: 403, message: detail });
    };
  },
});

/** Several headers arrive as one, joined by commas: `^bot` has to find the second one too. */
function toReadings(agent: string): readonly string[] {
  return [agent, ...agent.split(',').map((part) => part.trim())];
}
