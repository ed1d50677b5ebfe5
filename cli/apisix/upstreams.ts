/** Converts the upstreams of APISIX: documents of their own, those in routes and services, and those of `traffic-split`. */
import { isResource, type Resource, toRecord } from './read.ts';

/** Finds upstreams by the ids that APISIX's objects name. */
export interface Links {
  /** @returns the id of the upstream's document */
  readonly findUpstreamId: (id: unknown) => string | undefined;
  /** @returns the upstream as it is written */
  readonly findUpstream: (id: unknown) => Resource | undefined;
}

/** A converted upstream. Without nodes its requests are 503 until a person writes them. */
export interface ConvertedUpstream {
  readonly upstream: Resource;
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

/** Whether a plugin calls an upstream of its own, in place of that of the route. */
export function isCalling(plugins: Resource): boolean {
  return ['aws-lambda', 'azure-functions'].some((name) => isOn(plugins[name]));
}

/** Whether a plugin is configured and not switched off. */
export function isOn(settings: unknown): boolean {
  const meta = toRecord(toRecord(settings)['_meta']);
  return settings !== undefined && meta['disable'] !== true;
}

/** Writes upstreams in place of the ids that the `traffic-split` among plugins names. */
export function convertSplit(
  plugins: Resource,
  { findUpstream }: Links,
): { readonly plugins: Resource; readonly remarks: readonly string[] } {
  if (!('traffic-split' in plugins)) return { plugins, remarks: [] };
  const config = toRecord(plugins['traffic-split']);
  const remarks: string[] = [];
  const convertShare = (share: unknown): unknown => {
    const { upstream, upstream_id: id, ...own } = toRecord(share);
    if (!isResource(upstream) && id === undefined) return own;
    const written = isResource(upstream) ? upstream : findUpstream(id);
    // Without nodes its share answers 503; left out, it would go to another upstream.
    const found = written
      ? convertUpstream(written)
      : { upstream: { nodes: {} }, remarks: [`upstream ${id} is not in the file`] };
    // What an upstream of its own document loses is said there.
    if (!written || isResource(upstream)) {
      remarks.push(...found.remarks.map((remark) => `traffic-split: ${remark}`));
    }
    return { ...own, upstream: found.upstream };
  };
  const rules = toList(config['rules']).map((rule) => {
    const { weighted_upstreams: shares, ...own } = toRecord(rule);
    return Array.isArray(shares) ? { ...own, weighted_upstreams: shares.map(convertShare) } : own;
  });
  const split = { ...config, ...('rules' in config ? { rules } : {}) };
  return { plugins: { ...plugins, 'traffic-split': split }, remarks };
}

/** Converts an upstream, which may stand in a document of its own or in another object. */
export function convertUpstream(written: Resource): ConvertedUpstream {
  const reason = findReason(written);
  if (reason !== undefined) {
    const remark = `upstream loses its nodes: ${reason}; its requests are 503 NO_UPSTREAM until you write them`;
    return { upstream: { nodes: {} }, remarks: [remark] };
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
