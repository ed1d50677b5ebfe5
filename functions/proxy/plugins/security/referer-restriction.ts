/** Apache APISIX's `referer-restriction`: lets pages of some hosts link here, or keeps those of others out. */
import * as v from 'valibot';
import { eitherOf, listOf, message } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { definePlugin } from '../plugin.ts';
import { rejection } from '../rejection.ts';

const host = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(
    /^(\*|\*?[0-9a-z._-]+|\[[0-9a-f:.]+\])$/,
    'a host name, with `*` in front for all that end like it',
  ),
);

const schema = v.pipe(
  strictObject({
    whitelist: v.optional(listOf(host)),
    blacklist: v.optional(listOf(host)),
    bypass_missing: v.optional(v.boolean(), false),
    message: v.optional(message, 'Your referer host is not allowed'),
  }),
  eitherOf('whitelist', 'blacklist'),
);

/** Allows or refuses requests by the host in `Referer`; answers `FORBIDDEN`. docs/plugins/referer-restriction.md. */
export const refererRestriction = definePlugin({
  name: 'referer-restriction',
  priority: 2990,
  schema,
  create({ whitelist, blacklist, bypass_missing: mayBeMissing, message: detail }) {
    const isNamed = compileHosts(whitelist ?? blacklist ?? []);
    return async (exchange, next) => {
      const referrer = readHost(exchange.request.headers['referer']);
      const isLetIn =
        referrer === undefined ? mayBeMissing : isNamed(referrer) === (whitelist !== undefined);
      if (isLetIn) return next(exchange);
      throw rejection('FORBIDDEN', { plugin: 'referer-restriction', status: 403, message: detail });
    };
  },
});

/** Browsers send the origin alone in place of a longer URL than 4096 (Referrer Policy §8.4). */
const maxCharacters = 8192;

/** @returns the host of a page's URL as browsers read it; undefined for none and for too long ones, which count as missing */
function readHost(referer: string | undefined): string | undefined {
  if (referer === undefined || referer.length > maxCharacters) return undefined;
  if (!URL.canParse(referer)) return undefined;
  const { protocol, hostname } = new URL(referer);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  // By hand: a regular expression would begin anew at each of the dots inside.
  let end = hostname.length;
  while (hostname[end - 1] === '.') end -= 1;
  return hostname.slice(0, end);
}

function compileHosts(hosts: readonly string[]): (host: string) => boolean {
  const exact = new Set(hosts);
  const endings = hosts.filter((text) => text.startsWith('*')).map((text) => text.slice(1));
  return (text) => exact.has(text) || endings.some((ending) => text.endsWith(ending));
}
