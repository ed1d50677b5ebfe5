/**
 * What the names of AWS endpoints say: partition suffixes, and the service and region that a host was made for.
 * Suffixes as in the SDKs' endpoint rules (aws, aws-cn, aws-us-gov, aws-eusc and the isolated partitions).
 */

interface Partition {
  /** As it stands in ARNs. */
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
const resourceSuffixes = ['on.aws', 'on.amazonwebservices.com.cn', 'on.amazonwebservices.eu'];

const region = '([a-z]{2,4}(?:-[a-z]+){1,3}-\\d{1,2})';
const apiSuffixes = alternatives([
  ...partitions.map((p) => p.dns),
  ...partitions.map((p) => p.dualStack),
]);
const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';

const functionUrl = new RegExp(
  `^${label}\\.lambda-url(?:-fips)?\\.${region}\\.(?:${alternatives(resourceSuffixes)})$`,
);
const apiGateway = new RegExp(
  `^${label}\\.execute-api(?:-fips)?\\.${region}\\.(?:${apiSuffixes})$`,
);

/** Hosts of other services that sign with their own name, when an operator lists them as allowed. */
const otherServices: readonly (readonly [pattern: RegExp, service: string])[] = [
  [new RegExp(`\\.appsync-api\\.${region}\\.amazonaws\\.com$`), 'appsync'],
  [new RegExp(`\\.${region}\\.es\\.amazonaws\\.com$`), 'es'],
  [new RegExp(`\\.${region}\\.aoss\\.amazonaws\\.com$`), 'aoss'],
  [new RegExp(`\\.vpc-lattice-svcs\\.${region}\\.on\\.aws$`), 'vpc-lattice-svcs'],
  [new RegExp(`\\.lambda-web\\.${region}\\.on\\.aws$`), 'lambda'],
  [new RegExp(`\\.execute-api\\.${region}\\.vpce\\.amazonaws\\.com(?:\\.cn)?$`), 'execute-api'],
];

export interface EndpointName {
  readonly service: string;
  readonly region: string;
  /** A function URL or an API Gateway API: the hosts that may be upstreams without being listed. */
  readonly isUpstream: boolean;
}

/** @param hostname lower case, without port */
export function parseEndpointName(hostname: string): EndpointName | undefined {
  const lambda = functionUrl.exec(hostname);
  if (lambda?.[1]) return { service: 'lambda', region: lambda[1], isUpstream: true };
  const api = apiGateway.exec(hostname);
  if (api?.[1]) return { service: 'execute-api', region: api[1], isUpstream: true };
  for (const [pattern, service] of otherServices) {
    const match = pattern.exec(hostname);
    if (match?.[1]) return { service, region: match[1], isUpstream: false };
  }
  return undefined;
}

/** @returns the suffix of a region's ordinary endpoints, for example `amazonaws.com.cn`. */
export function toDnsSuffix(regionName: string): string {
  return findPartition(regionName).dns;
}

/** @returns the partition's id as it stands in ARNs. */
export function toArnPartition(regionName: string): string {
  return findPartition(regionName).id;
}

function findPartition(regionName: string): Partition {
  return partitions.find((p) => regionName.startsWith(p.regionPrefix)) ?? commercial;
}

function alternatives(names: readonly string[]): string {
  return [...new Set(names)].map((name) => name.replaceAll('.', '\\.')).join('|');
}
