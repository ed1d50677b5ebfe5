/** Finds the nodes that `traffic-split` chooses in place of the host of a route's own upstream. */
import * as v from 'valibot';
import type { AllowedHost } from '../../functions/proxy/send/hosts.ts';
import { parseNodes } from '../../functions/proxy/upstream/balance/parse-nodes.ts';
import { upstreamSchema } from '../../functions/proxy/upstream/balance/schema.ts';
import type { Target } from '../../functions/proxy/upstream/target.ts';
import type { LoadedTable } from './load-table.ts';

/** @param settings of the plugin, with resolved references. They are valid, because they have been compiled. */
export function findSplitNodes(
  settings: unknown,
  { shared }: Pick<LoadedTable, 'shared'>,
  allowedHosts: readonly AllowedHost[],
): Target[] {
  const { rules = [] } = settings as SplitSettings;
  return rules
    .flatMap(({ weighted_upstreams = [] }) => weighted_upstreams)
    .map(({ upstream, upstream_id: id }) =>
      id === undefined ? upstream : shared.find('upstream', String(id))?.document.upstream,
    )
    .flatMap((upstream) => (upstream === undefined ? [] : v.parse(upstreamSchema, upstream)))
    .flatMap((config) => parseNodes(config, allowedHosts, '').nodes.map(({ target }) => target));
}

interface SplitSettings {
  readonly rules?: readonly {
    readonly weighted_upstreams?: readonly {
      readonly upstream?: unknown;
      readonly upstream_id?: string | number;
    }[];
  }[];
}
