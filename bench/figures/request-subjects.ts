/** The subjects of the request figures: the proxy with 0, 3 and 8 plugins, the SDK proxy, and the direct calls. */
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import type { Bench } from '../harness/figure.ts';
import { toPluginMix } from '../programs/plugin-mix.ts';
import type { SubjectsInput } from '../programs/subjects.ts';
import { toDirectTarget } from './direct-target.ts';

const pluginCounts = [3, 8];

export function toSubjects(bench: Bench, bodyBytes: number): SubjectsInput {
  const { proxy, sdk } = bench.handlers;
  const withPlugins = pluginCounts.map((count) => ({
    // Fewer, if the registry has fewer plugins.
    name: `${Object.keys(toPluginMix(count, plugins)).length} plugins`,
    handler: proxy,
    route: `bytes-${count}`,
  }));
  return {
    handlers: [
      { name: 'proxy', handler: proxy, route: 'bytes' },
      ...withPlugins,
      ...(sdk === undefined ? [] : [{ name: 'SDK proxy', handler: sdk, route: 'bytes' }]),
    ],
    direct: toDirectTarget(bench),
    bodyBytes,
  };
}
