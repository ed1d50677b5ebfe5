/** Where a route of APISIX has its plugins from: a service, a plugin config and global rules. */
import { type Resource, toRecord } from './read.ts';

/** The resources of an export, by type. */
interface Lists {
  readonly list: (type: string) => readonly Resource[];
}

/** The objects that a route refers to, and takes plugins from. */
export interface Parents {
  readonly service: Resource | undefined;
  readonly config: Resource | undefined;
  /** Names of missing objects, as sentences. */
  readonly missing: readonly string[];
}

/** Finds the objects that a route names; those that the file does not have are named. */
export function findParents(route: Resource, { list }: Lists): Parents {
  const find = (type: string, id: unknown) =>
    list(type).find((other) => id !== undefined && String(other['id']) === String(id));
  const { service_id: serviceId, plugin_config_id: configId } = route;
  const service = find('services', serviceId);
  const config = find('plugin_configs', configId);
  const missing = [
    ...(serviceId === undefined || service ? [] : [`service ${serviceId}`]),
    ...(configId === undefined || config ? [] : [`plugin_config ${configId}`]),
  ];
  return { service, config, missing: missing.map((name) => `${name} is not in the file`) };
}

/**
 * In APISIX a route's own plugins override its plugin config's, and those override its service's. Global rules always
 * run.
 */
export function mergePlugins(
  route: Resource,
  { service, config }: Parents,
  { list }: Lists,
): Resource {
  return Object.assign(
    {},
    ...[...list('global_rules'), service, config, route].map((item) => toRecord(item?.['plugins'])),
  );
}

/** Plugins that refuse clients. */
const accessPlugin = /auth|restriction|blocker|csrf|limit|openid|opa/;

/** Finds global rules that a route's own plugin or a later global rule of the same name replaces. In APISIX both may run. */
export function findReplaced(
  route: Resource,
  { service, config }: Parents,
  { list }: Lists,
): string[] {
  const own = mergePlugins(route, { service, config, missing: [] }, { list: () => [] });
  const global = list('global_rules').flatMap((rule) => Object.entries(toRecord(rule['plugins'])));
  return global.flatMap(([name, settings], place) => {
    if (!accessPlugin.test(name)) return [];
    const differs = (other: unknown) => JSON.stringify(other) !== JSON.stringify(settings);
    const isReplaced = global
      .slice(place + 1)
      .some(([next, value]) => next === name && differs(value));
    return [
      ...(Object.hasOwn(own, name) && differs(own[name])
        ? [`${name} of a global rule is replaced by its own`]
        : []),
      ...(isReplaced ? [`${name} of a global rule is replaced by that of another one`] : []),
    ];
  });
}
