/** The `upstream` of a route. Loaded only for documents with a route that has one. */
import type { Handle, PreparedPlugin } from '../chain/exchange.ts';
import { keepState } from '../chain/kept-state.ts';
import { parseWith } from '../documents/schema.ts';
import { compileHashKey } from '../plugins/hash-key.ts';
import type { PluginServices } from '../plugins/plugin.ts';
import {
  type CheckedUpstream,
  checkUpstream,
  connectNodes,
  connectUpstream,
  type UpstreamContext,
} from '../upstream/balance/compile.ts';
import { upstreamSchema } from '../upstream/balance/schema.ts';
import type { Gathered } from './gathered.ts';
import type { SharedObject } from './shared/shared-object.ts';

/** The route that an upstream belongs to. */
export interface OwnRoute {
  /** JSON pointer of the upstream. */
  readonly pointer: string;
  readonly services: PluginServices;
  readonly plugins: readonly PreparedPlugin[];
  /** Requests reach its plugins. */
  readonly isServed: boolean;
  /** The object that the route has its upstream from, where it has none itself. It has been checked with its own document. */
  readonly inherited: Inherited | undefined;
  /** The same for all routes of a document, while it is compiled. */
  readonly gathered: Pick<Gathered, 'connected'>;
}

type Inherited = Pick<SharedObject, 'parameter' | 'id' | 'document'>;

/**
 * Checks the upstream of a route, and makes it ready where no plugin of the route calls one of its own.
 *
 * @param written undefined for a route without one
 * @returns undefined where it is not called
 * @throws DocumentError
 */
export function compileRouteUpstream(written: unknown, own: OwnRoute): Handle | undefined {
  const { inherited, isServed, plugins } = own;
  if (written === undefined) return inherited && callInherited(inherited, own);
  const { owner } = own.services;
  const route = owner.slice(owner.lastIndexOf('#') + 1);
  const warn = (message: string) => own.services.warn(`route ${route}: ${message}`);
  const context = toContext({ ...own, services: { ...own.services, warn } }, owner);
  const checked = checkWritten(written, context);
  if (!isServed) return undefined;
  const caller = plugins.find(({ isUpstream }) => isUpstream);
  if (caller) {
    warn(`upstream is not called: ${caller.name} calls an upstream of its own`);
    return undefined;
  }
  for (const warning of checked.warnings) warn(warning);
  return connectUpstream(checked, context).call;
}

/**
 * Its own document has the warnings about it. All routes that have it share its turns and its health. A document may have
 * hundreds of routes, and an upstream hundreds of nodes, so a document connects it once.
 */
function callInherited(inherited: Inherited, own: OwnRoute): Handle | undefined {
  const { isServed, plugins, gathered } = own;
  if (!isServed || plugins.some(({ isUpstream }) => isUpstream)) return undefined;
  const services = { ...own.services, warn: () => {} };
  gathered.connected ??= new Map();
  const make =
    gathered.connected.get(inherited) ?? connectInherited(inherited, { ...own, services });
  gathered.connected.set(inherited, make);
  return make(services).call;
}

function connectInherited({ parameter, id, document }: Inherited, own: OwnRoute) {
  const context = toContext(own, `${parameter}#${id}`);
  return connectNodes(checkWritten(document.upstream, context), context);
}

/** Checks the upstream of a service, or one that is an object. @throws DocumentError */
export function checkSharedUpstream(
  written: unknown,
  { pointer, services }: Pick<OwnRoute, 'pointer' | 'services'>,
): void {
  const checked = checkWritten(written, toContext({ pointer, services }, services.owner));
  for (const warning of checked.warnings) services.warn(`upstream: ${warning}`);
}

function checkWritten(written: unknown, context: UpstreamContext): CheckedUpstream {
  const { pointer } = context;
  return checkUpstream(parseWith(upstreamSchema, written, { pointer, written }), context);
}

/** @param owner whose state it is */
function toContext(
  { pointer, services }: Pick<OwnRoute, 'pointer' | 'services'>,
  owner: string,
): UpstreamContext {
  const { share } = services.limits;
  return {
    ...{ pointer, services, compileKey: compileHashKey },
    keep: (settings, create) => keepState(share, ['upstream', owner, settings], create),
  };
}
