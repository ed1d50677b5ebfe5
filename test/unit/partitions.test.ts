import {
  parseEndpointName,
  toArnPartition,
  toDnsSuffix,
} from '../../functions/proxy/sign/partitions.ts';

const id = 'abc123';

test.each([
  [`${id}.lambda-url.us-east-1.on.aws`, 'lambda', 'us-east-1'],
  [`${id}.lambda-url.ap-southeast-7.on.aws`, 'lambda', 'ap-southeast-7'],
  [`${id}.lambda-url.us-gov-west-1.on.aws`, 'lambda', 'us-gov-west-1'],
  [`${id}.lambda-url-fips.us-gov-west-1.on.aws`, 'lambda', 'us-gov-west-1'],
  [`${id}.lambda-url.cn-north-1.on.amazonwebservices.com.cn`, 'lambda', 'cn-north-1'],
  [`${id}.lambda-url.eusc-de-east-1.on.amazonwebservices.eu`, 'lambda', 'eusc-de-east-1'],
  [`${id}.execute-api.us-east-1.amazonaws.com`, 'execute-api', 'us-east-1'],
  [`${id}.execute-api.mx-central-1.amazonaws.com`, 'execute-api', 'mx-central-1'],
  [`${id}.execute-api.us-gov-east-1.amazonaws.com`, 'execute-api', 'us-gov-east-1'],
  [`${id}.execute-api-fips.us-east-1.amazonaws.com`, 'execute-api', 'us-east-1'],
  [`${id}.execute-api.us-east-1.api.aws`, 'execute-api', 'us-east-1'],
  [`${id}.execute-api-fips.us-east-1.api.aws`, 'execute-api', 'us-east-1'],
  [`${id}.execute-api.us-gov-west-1.api.aws`, 'execute-api', 'us-gov-west-1'],
  [`${id}.execute-api.cn-northwest-1.amazonaws.com.cn`, 'execute-api', 'cn-northwest-1'],
  [`${id}.execute-api.cn-north-1.api.amazonwebservices.com.cn`, 'execute-api', 'cn-north-1'],
  [`${id}.execute-api.eusc-de-east-1.amazonaws.eu`, 'execute-api', 'eusc-de-east-1'],
  [`${id}.execute-api.us-iso-east-1.c2s.ic.gov`, 'execute-api', 'us-iso-east-1'],
  [`${id}.execute-api.us-isob-east-1.sc2s.sgov.gov`, 'execute-api', 'us-isob-east-1'],
  [`${id}.execute-api.eu-isoe-west-1.cloud.adc-e.uk`, 'execute-api', 'eu-isoe-west-1'],
  [`${id}.execute-api.us-isof-south-1.csp.hci.ic.gov`, 'execute-api', 'us-isof-south-1'],
  [`${id}.execute-api.eusc-de-east-1.api.amazonwebservices.eu`, 'execute-api', 'eusc-de-east-1'],
  [`${id}.execute-api.us-iso-east-1.api.aws.ic.gov`, 'execute-api', 'us-iso-east-1'],
  [`${id}.execute-api.us-isob-east-1.api.aws.scloud`, 'execute-api', 'us-isob-east-1'],
  [`${id}.execute-api.eu-isoe-west-1.api.cloud-aws.adc-e.uk`, 'execute-api', 'eu-isoe-west-1'],
  [`${id}.execute-api.us-isof-south-1.api.aws.hci.ic.gov`, 'execute-api', 'us-isof-south-1'],
  [`${id}-vpce-0a1b2c.execute-api.us-east-1.amazonaws.com`, 'execute-api', 'us-east-1'],
])('%s is an upstream of service %s in %s', (hostname, service, region) => {
  expect(parseEndpointName(hostname)).toEqual({ service, region, isUpstream: true });
});

test.each([
  [`${id}.appsync-api.us-east-1.amazonaws.com`, 'appsync', 'us-east-1'],
  [`search-${id}.eu-west-1.es.amazonaws.com`, 'es', 'eu-west-1'],
  [`${id}.us-west-2.aoss.amazonaws.com`, 'aoss', 'us-west-2'],
  [`${id}.7d67968.vpc-lattice-svcs.us-west-2.on.aws`, 'vpc-lattice-svcs', 'us-west-2'],
  [`${id}.lambda-web.us-east-1.on.aws`, 'lambda', 'us-east-1'],
  [`vpce-1-${id}.execute-api.us-east-1.vpce.amazonaws.com`, 'execute-api', 'us-east-1'],
  [`vpce-1-${id}.execute-api.cn-north-1.vpce.amazonaws.com.cn`, 'execute-api', 'cn-north-1'],
])(
  '%s signs as %s in %s, but only an operator may list it as an upstream',
  (hostname, service, region) => {
    expect(parseEndpointName(hostname)).toEqual({ service, region, isUpstream: false });
  },
);

test.each([
  '',
  'lambda-url.us-east-1.on.aws',
  '.lambda-url.us-east-1.on.aws',
  `-${id}.lambda-url.us-east-1.on.aws`,
  `${id}-.lambda-url.us-east-1.on.aws`,
  `x.${id}.lambda-url.us-east-1.on.aws`,
  `${id}.lambda-url.us-east-1.on.aws.`,
  `${id}.lambda-url.us-east-1.on.aws.evil.com`,
  `${id}.lambda-url.us-east-1.on.aws.us-east-1.evil.com`,
  `${id}.lambda-url.us-east-1.on-aws`,
  `${id}.lambda-url.us-east-1.onxaws`,
  `${id}.lambda-url.us-east-1.evil.on.aws`,
  `${id}.lambda-url.evil.on.aws`,
  `${id}.lambda-url..on.aws`,
  `${id}.lambda-urlx.us-east-1.on.aws`,
  `${id}.xlambda-url.us-east-1.on.aws`,
  `${id}.lambda-url.us-east-1.amazonaws.com`,
  `evil.com#${id}.lambda-url.us-east-1.on.aws`,
  `${id}.lambda-url.us-east-1.on.aws\n`,
  `${id}.LAMBDA-URL.us-east-1.on.aws`,
  'execute-api.us-east-1.amazonaws.com',
  `${id}.execute-api.us-east-1.amazonaws.com.evil.com`,
  `${id}.execute-api.us-east-1.amazonaws.com.cn.evil.com`,
  `${id}.execute-api.us-east-1.evil-amazonaws.com`,
  `${id}.execute-api.us-east-1.amazonawsxcom`,
  `${id}.execute-api.us-east-1.amazonaws.org`,
  `${id}.s3.us-east-1.amazonaws.com`,
  'sts.us-east-1.amazonaws.com',
  'ssm.us-east-1.amazonaws.com',
  'lambda.us-east-1.amazonaws.com',
  '169.254.169.254',
  'localhost',
])('%j is no upstream', (hostname) => {
  expect(parseEndpointName(hostname)?.isUpstream ?? false).toBe(false);
});

test.each([
  'x.other-api.us-east-1.amazonaws.com',
  'x.other-web.us-east-1.on.aws',
  'us-east-1.es.amazonaws.com',
  'us-east-1.aoss.amazonaws.com',
  'x.other.us-east-1.vpce.amazonaws.com',
  'x.other.cn-north-1.vpce.amazonaws.com.cn',
  'x.execute-api.x.vpce.amazonaws.com',
])('%j is no endpoint that is known', (hostname) => {
  expect(parseEndpointName(hostname)).toBeUndefined();
});

test.each([
  ['us-east-1', 'amazonaws.com', 'aws'],
  ['eu-central-2', 'amazonaws.com', 'aws'],
  ['us-gov-west-1', 'amazonaws.com', 'aws-us-gov'],
  ['cn-north-1', 'amazonaws.com.cn', 'aws-cn'],
  ['eusc-de-east-1', 'amazonaws.eu', 'aws-eusc'],
  ['us-iso-east-1', 'c2s.ic.gov', 'aws-iso'],
  ['us-isob-east-1', 'sc2s.sgov.gov', 'aws-iso-b'],
  ['eu-isoe-west-1', 'cloud.adc-e.uk', 'aws-iso-e'],
  ['us-isof-south-1', 'csp.hci.ic.gov', 'aws-iso-f'],
])('in %s endpoints end in %s and ARNs begin with arn:%s', (region, suffix, partition) => {
  expect([toDnsSuffix(region), toArnPartition(region)]).toEqual([suffix, partition]);
});
