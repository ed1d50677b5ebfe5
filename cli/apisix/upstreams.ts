/** Converts the upstreams of APISIX to the `upstream` of a route, and to those of its `traffic-split`. */
import type { Parents } from './parents.ts';
import { isResource, type Resource, type Resources, toRecord } from './read.ts';

/** The resources of an export, by type. */
interface Lists {
  readonly list: (type: string) => readonly Resource[];
}

/** An upstream, as far as there is one here. */
export interface ConvertedUpstream {
  readonly upstream: Resource | undefined;
  readonly remarks: readonly string[];
}

const knownFields = [
  ...['name', 'desc', 'labels', 'type', 'nodes', 'hash_on', 'key', 'scheme', 'upstream_host'],
  ...['pass_host', 'retries', 'retry_timeout', 'timeout', 'keepalive_pool', 'tls', 'checks'],
];
/** Fields without an effect here. APISIX's own dumps have the last ones. */
const silentFields = [
  ...['id', 'create_time', 'update_time', 'has_domain', 'parent', 'nodes_ref', 'original_nodes'],
];
const discovery = ['service_name', 'discovery_type', 'discovery_args'];

/** Finds the upstream that a route calls in APISIX: its own, or that of its service. */
export function convertRouteUpstream(
  route: Resource,
  { service }: Pick<Parents, 'service'>,
  lists: Lists,
): ConvertedUpstream {
  for (const owner of [route, service]) {
    const { upstream, upstream_id: id, timeout } = owner ?? {};
    if (!isResource(upstream) && id === undefined) continue;
    const found = isResource(upstream) ? convertUpstream(upstream) : findUpstream(id, lists);
    const times = owner === route && isResource(timeout) ? { timeout } : {};
    return { ...found, upstream: found.upstream && { ...found.upstream, ...times } };
  }
  return { upstream: undefined, remarks: [] };
}

/** Writes upstreams in place of the ids that a `traffic-split` names. */
export function convertSplit(config: Resource, lists: Lists) {
  const remarks: string[] = [];
  const convertShare = (share: unknown): unknown => {
    const { upstream, upstream_id: id, ...own } = toRecord(share);
    if (!isResource(upstream) && id === undefined) return own;
    const found = isResource(upstream) ? convertUpstream(upstream) : findUpstream(id, lists);
    remarks.push(...found.remarks.map((remark) => `traffic-split: ${remark}`));
    // Without nodes its share answers 503; left out, it would go to another upstream.
    return { ...own, upstream: found.upstream ?? { nodes: {} } };
  };
  const rules = toList(config['rules']).map((rule) => {
    const { weighted_upstreams: shares, ...own } = toRecord(rule);
    return Array.isArray(shares) ? { ...own, weighted_upstreams: shares.map(convertShare) } : own;
  });
  return { config: { ...config, ...('rules' in config ? { rules } : {}) }, remarks };
}

/** @returns how many upstreams nothing names, as a sentence */
export function findUnnamed(resources: Resources): string[] {
  const text = JSON.stringify([...resources.values()]);
  const isNamed = ({ id }: Resource) =>
    [String(id), Number(id)].some((each) => text.includes(`"upstream_id":${JSON.stringify(each)}`));
  const { length } = (resources.get('upstreams') ?? []).filter((upstream) => !isNamed(upstream));
  return length === 0
    ? []
    : [`${length} of upstreams: no route, service or traffic-split names them`];
}

function findUpstream(id: unknown, { list }: Lists): ConvertedUpstream {
  const found = list('upstreams').find((other) => String(other['id']) === String(id));
  if (found) return convertUpstream(found);
  return { upstream: undefined, remarks: [`upstream ${id} is not in the file`] };
}

function convertUpstream(written: Resource): ConvertedUpstream {
  const reason = findReason(written);
  if (reason !== undefined) {
    return { upstream: undefined, remarks: [`upstream is left out: ${reason}`] };
  }
  const remarks: string[] = [];
  const upstream: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(written)) {
    if (silentFields.includes(name)) continue;
    const kept = knownFields.includes(name) ? convertField(name, value, remarks) : undefined;
    if (kept !== undefined) upstream[name] = kept;
    else if (!knownFields.includes(name)) {
      remarks.push(`upstream.${name} is left out: there is no such field here`);
    }
  }
  if (written['scheme'] !== 'https') {
    remarks.push('upstream: only loopback hosts are called over http; set scheme to https');
  }
  return { upstream, remarks };
}

/** @returns why the whole upstream is left out, if it is */
function findReason(written: Resource): string | undefined {
  const missing = discovery.filter((name) => written[name] !== undefined);
  if (missing.length > 0) {
    return `it has ${missing.join(', ')}, and there is no service discovery here`;
  }
  const { scheme = 'http' } = written;
  return scheme === 'http' || scheme === 'https' ? undefined : `there is no scheme ${scheme} here`;
}

/** @returns undefined for a value that is left out */
function convertField(name: string, value: unknown, remarks: string[]): unknown {
  if (name === 'pass_host' && value === 'pass') {
    remarks.push("upstream.pass_host is left out: Host is the node's, the client's never");
    return undefined;
  }
  if (name === 'checks') return convertChecks(toRecord(value), remarks);
  if (name === 'tls') return convertTls(toRecord(value), remarks);
  return value;
}

function convertChecks({ active, passive }: Resource, remarks: string[]): Resource | undefined {
  if (active !== undefined) {
    remarks.push('upstream.checks.active is left out: a Lambda environment has no background');
  }
  return passive === undefined ? undefined : { passive };
}

function convertTls({ verify, ...others }: Resource, remarks: string[]): Resource | undefined {
  const names = Object.keys(others);
  if (names.length > 0) {
    remarks.push(`upstream.tls loses ${names.join(', ')}: no client certificate is presented here`);
  }
  return verify === undefined ? undefined : { verify };
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
