/** Finds the nodes that a route calls by itself: of its `upstream`, or of the objects that it names. */
import * as v from 'valibot';
import {
  findLinks,
  type LinkFields,
  type SharedObject,
} from '../../functions/proxy/routes/shared/shared-object.ts';
import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import { parseNodes } from '../../functions/proxy/upstream/balance/parse-nodes.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import type { Target } from '../../functions/proxy/upstream/target.ts';
import type { LoadedTable, WrittenRoute } from './load-table.ts';

/** @returns the nodes that may be called; none for a route with a plugin that calls an upstream of its own */
export function findOwnNodes(
  { callOwn, written }: WrittenRoute,
  { shared }: Pick<LoadedTable, 'shared'>,
  allowedHosts: readonly AllowedHost[],
): readonly Target[] {
  if (!callOwn) return [];
  const upstream = written['upstream'] ?? findNamed(written as LinkFields, shared);
  // It has been compiled, so it is valid.
  const config = v.parse(upstreamSchema, upstream);
  return parseNodes(config, allowedHosts, '').nodes.map(({ target }) => target);
}

/** The nearest one counts, as for the proxy: a service may name its own. */
function findNamed(item: LinkFields, shared: LoadedTable['shared']): unknown {
  const objects = findLinks(item).flatMap(({ kind, id }): SharedObject[] => {
    const object = shared.find(kind, id);
    if (!object) return [];
    const { upstream_id } = object.document;
    return [
      object,
      ...findLinks({ upstream_id }).flatMap((link) => shared.find(link.kind, link.id) ?? []),
    ];
  });
  return objects.find(({ document }) => document.upstream)?.document.upstream;
}
