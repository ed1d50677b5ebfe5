/** Apache APISIX's `ua-restriction`: allows or refuses requests by their `User-Agent`. */
import * as v from 'valibot';
import { eitherOf, message } from '../../documents/attributes.ts';
import {
  compilePatterns,
  costlyReason,
  type Finding,
  maxTextCharacters,
  patterns,
  toTotalSize,
} from '../../documents/pattern.ts';
import { strictObject } from '../../documents/schema.ts';
import { definePlugin } from '../plugin.ts';
import { rejection } from '../rejection.ts';

const maxParts = 32;

const schema = v.pipe(
  strictObject({
    allowlist: v.optional(patterns),
    denylist: v.optional(patterns),
    bypass_missing: v.optional(v.boolean(), false),
    message: v.optional(message, 'Not allowed'),
  }),
  eitherOf('allowlist', 'denylist'),
);

/** Allows or refuses requests by `User-Agent`; answers `FORBIDDEN`. docs/plugins/ua-restriction.md. */
export const uaRestriction = definePlugin({
  name: 'ua-restriction',
  priority: 2999,
  schema,
  create({ allowlist, denylist, ...config }, { countSteps }, { pointer }) {
    const { bypass_missing: mayBeMissing, message: detail } = config;
    const expressions = allowlist ?? denylist ?? [];
    countSteps(toTotalSize(expressions), pointer);
    const search = compilePatterns(expressions);
    const find = (agent: string): Finding => {
      const texts = allowlist ? [agent] : toReadings(agent);
      return agent.length > maxTextCharacters || !texts ? 'costly' : search(texts);
    };
    const allowed: Finding = allowlist ? 'found' : 'none';
    const refuse = (reason?: string) =>
      rejection('FORBIDDEN', { plugin: 'ua-restriction', status: 403, message: detail, reason });
    return async (exchange, next) => {
      const agent = exchange.request.headers['user-agent']?.trim();
      if (!agent && mayBeMissing) return next(exchange);
      if (!agent) throw refuse();
      const finding = find(agent);
      if (finding === allowed) return next(exchange);
      throw refuse(finding === 'costly' ? costlyReason : undefined);
    };
  },
});

/**
 * Several headers arrive as one, joined by commas: `^bot` has to find the second one too.
 *
 * @returns undefined for more parts than anyone has a reason to send: each expression looks at each of them
 */
function toReadings(agent: string): readonly string[] | undefined {
  const parts = agent.split(',', maxParts + 1);
  return parts.length > maxParts ? undefined : [agent, ...parts.map((part) => part.trim())];
}
