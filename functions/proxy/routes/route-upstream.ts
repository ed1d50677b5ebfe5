/** The `upstream` of a route. Loaded only for documents with a route that has one. */
import type { Handle, PreparedPlugin } from '../chain/exchange.ts';
import { keepState } from '../chain/kept-state.ts';
import { parseWith } from '../documents/schema.ts';
import { compileHashKey } from '../plugins/hash-key.ts';
import type { PluginServices } from '../plugins/plugin.ts';
import { checkUpstream, connectUpstream } from '../upstream/balance/compile.ts';
import { upstreamSchema } from '../upstream/balance/schema.ts';

/** The route that an upstream belongs to. */
export interface OwnRoute {
  /** Of the upstream. */
  readonly pointer: string;
  readonly services: PluginServices;
  readonly plugins: readonly PreparedPlugin[];
  /** Requests reach its plugins. */
  readonly isServed: boolean;
}

/**
 * Checks the upstream of a route, and makes it ready where no plugin of the route calls one of its own.
 *
 * @param written undefined for a route without one
 * @returns undefined where it is not called
 * @throws DocumentError
 */
export function compileRouteUpstream(
  written: unknown,
  { pointer, services, plugins, isServed }: OwnRoute,
): Handle | undefined {
  if (written === undefined) return undefined;
  const { limits, owner } = services;
  const route = owner.slice(owner.lastIndexOf('#') + 1);
  const warn = (message: string) => services.warn(`route ${route}: ${message}`);
  const context = {
    ...{ pointer, compileKey: compileHashKey, services: { ...services, warn } },
    keep: <T extends object>(settings: unknown, create: () => T) =>
      keepState(limits.share, ['upstream', owner, settings], create),
  };
  const config = parseWith(upstreamSchema, written, { pointer, written });
  const checked = checkUpstream(config, context);
  if (!isServed) return undefined;
  const caller = plugins.find(({ isUpstream }) => isUpstream);
  if (caller) {
    warn(`upstream is not called: ${caller.name} calls an upstream of its own`);
    return undefined;
  }
  for (const warning of checked.warnings) warn(warning);
  return connectUpstream(checked, context).call;
}
