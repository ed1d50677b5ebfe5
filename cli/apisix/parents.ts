/** Where a route of APISIX has its plugins from: a service, a plugin config and global rules. */
import { isResource, type Resource, toRecord } from './read.ts';

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

/** @returns Lua of a service, which decides about requests of its routes, as sentences */
export function findScripts({ service }: Parents): string[] {
  return service?.['script'] === undefined ? [] : ['script of its service is gone'];
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

/** Plugins that refuse or answer requests. */
const accessPlugin =
  /auth|restriction|blocker|csrf|limit|openid|opa|validation|client-control|fault|redirect|mocking/;

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

/** @returns whether APISIX asks clients of the route for a certificate, as sentences. Here no client is asked for one. */
export function findClientCertificates(
  { host, hosts = host === undefined ? [] : [host] }: Resource,
  { list }: Lists,
): string[] {
  const names = toTexts(hosts);
  const asking = [...list('ssls'), ...list('ssl')].filter(
    ({ client, status }) => isResource(client) && status !== 0,
  );
  const asked = asking.flatMap(({ sni, snis = sni === undefined ? [] : [sni] }) => toTexts(snis));
  const own = asked.filter(
    (sni) => names.length === 0 || names.some((name) => covers(sni, name) || covers(name, sni)),
  );
  return own.map((sni) => `clients of ${sni} need no certificate here`);
}

function toTexts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map((text) => String(text).toLowerCase()) : [];
}

/** Whether a name, with `*.` for any names before it, holds another one. */
function covers(pattern: string, name: string): boolean {
  return pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));
}
