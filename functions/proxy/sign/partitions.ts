/**
 * Reads the host names of AWS endpoints: partition suffix, service and Region.
 * Suffixes as in the SDKs' endpoint rules (aws, aws-cn, aws-us-gov, aws-eusc and the isolated partitions).
 */

interface Partition {
  /** The partition's id in ARNs, such as `aws-cn`. */
  readonly id: string;
  readonly regionPrefix: string;
  /** Suffix of ordinary endpoints, `execute-api.<region>.` in front. */
  readonly dns: string;
  /** Suffix of dual-stack endpoints. */
  readonly dualStack: string;
}

const commercial: Partition = {
  id: 'aws',
  regionPrefix: '',
  dns: 'amazonaws.com',
  dualStack: 'api.aws',
};

const partitions: readonly Partition[] = [
  {
    id: 'aws-cn',
    regionPrefix: 'cn-',
    dns: 'amazonaws.com.cn',
    dualStack: 'api.amazonwebservices.com.cn',
  },
  { id: 'aws-us-gov', regionPrefix: 'us-gov-', dns: 'amazonaws.com', dualStack: 'api.aws' },
  {
    id: 'aws-eusc',
    regionPrefix: 'eusc-',
    dns: 'amazonaws.eu',
    dualStack: 'api.amazonwebservices.eu',
  },
  { id: 'aws-iso', regionPrefix: 'us-iso-', dns: 'c2s.ic.gov', dualStack: 'api.aws.ic.gov' },
  { id: 'aws-iso-b', regionPrefix: 'us-isob-', dns: 'sc2s.sgov.gov', dualStack: 'api.aws.scloud' },
  {
    id: 'aws-iso-e',
    regionPrefix: 'eu-isoe-',
    dns: 'cloud.adc-e.uk',
    dualStack: 'api.cloud-aws.adc-e.uk',
  },
  {
    id: 'aws-iso-f',
    regionPrefix: 'us-isof-',
    dns: 'csp.hci.ic.gov',
    dualStack: 'api.aws.hci.ic.gov',
  },
  commercial,
];

/** Where function URLs and other per-resource hosts live. */
const resourceSuffixes = new Set([
  'on.aws',
  'on.amazonwebservices.com.cn',
  'on.amazonwebservices.eu',
]);
const apiSuffixes = new Set(partitions.flatMap(({ dns, dualStack }) => [dns, dualStack]));

const region = /^[a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}$/;
const label = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/**
 * Hosts of other services that sign with their own name, when an operator lists them as allowed: what stands before
 * the region, and what after it.
 */
const otherServices: readonly (readonly [before: string, after: string, service: string])[] = [
  ['.appsync-api.', '.amazonaws.com', 'appsync'],
  ['.', '.es.amazonaws.com', 'es'],
  ['.', '.aoss.amazonaws.com', 'aoss'],
  ['.vpc-lattice-svcs.', '.on.aws', 'vpc-lattice-svcs'],
  ['.lambda-web.', '.on.aws', 'lambda'],
  ['.execute-api.', '.vpce.amazonaws.com', 'execute-api'],
  ['.execute-api.', '.vpce.amazonaws.com.cn', 'execute-api'],
];

/** The service and Region in the host name of an AWS endpoint. */
export interface EndpointName {
  readonly service: string;
  readonly region: string;
  /** A function URL or an API Gateway API: the hosts that may be upstreams without being listed. */
  readonly isUpstream: boolean;
}

/** @param hostname lower case, without port */
export function parseEndpointName(hostname: string): EndpointName | undefined {
  const [id = '', kind = '', regionName = '', ...rest] = hostname.split('.');
  if (label.test(id) && region.test(regionName)) {
    const suffix = rest.join('.');
    const service = toUpstreamService(kind, suffix);
    if (service) return { service, region: regionName, isUpstream: true };
  }
  return findOtherService(hostname);
}

function toUpstreamService(kind: string, suffix: string): string | undefined {
  const isLambda = kind === 'lambda-url' || kind === 'lambda-url-fips';
  if (isLambda && resourceSuffixes.has(suffix)) return 'lambda';
  const isApi = kind === 'execute-api' || kind === 'execute-api-fips';
  return isApi && apiSuffixes.has(suffix) ? 'execute-api' : undefined;
}

function findOtherService(hostname: string): EndpointName | undefined {
  for (const [before, after, service] of otherServices) {
    if (!hostname.endsWith(after)) continue;
    const rest = hostname.slice(0, -after.length);
    const regionName = rest.slice(rest.lastIndexOf('.') + 1);
    if (region.test(regionName) && rest.endsWith(before + regionName)) {
      return { service, region: regionName, isUpstream: false };
    }
  }
  return undefined;
}

/** @returns the suffix of a region's ordinary endpoints, for example `amazonaws.com.cn`. */
export function toDnsSuffix(regionName: string): string {
  return findPartition(regionName).dns;
}

/** @returns the partition's id in ARNs, such as `aws-cn` */
export function toArnPartition(regionName: string): string {
  return findPartition(regionName).id;
}

function findPartition(regionName: string): Partition {
  return partitions.find((p) => regionName.startsWith(p.regionPrefix)) ?? commercial;
}
