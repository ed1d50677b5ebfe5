/** Parameters of the CloudFormation template, and the conditions and rules that follow from them. */
import type { Json } from './json.ts';

/** A parameter as it stands in the template. */
interface Parameter {
  readonly Type: 'String' | 'Number' | 'CommaDelimitedList';
  readonly Description: string;
  readonly Default?: string | number;
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly AllowedValues?: readonly (string | number)[];
  readonly MinValue?: number;
  readonly MaxValue?: number;
}

/** An account is always written out: with a `*` there, anyone could receive the proxy's signature. */
const functionArns = '^$|^arn:aws[a-z-]*:lambda:[a-z0-9*-]+:[0-9]{12}:function:[A-Za-z0-9_*?$:-]+$';
const apiArns = '^$|^arn:aws[a-z-]*:execute-api:[a-z0-9*-]+:[0-9]{12}:[^/,]+/[^,]+$';
const roleArns = '^$|^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=.@_/*-]+$';
/** A `*` would let the publisher's role publish to all topics. A FIFO topic, whose name has a dot, takes none of its messages. */
const topicArn = '^$|^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$';
const certificateArn = '^$|^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/.+$';
const webAclArn = '^$|^arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/.+$';

const yesOrNo = { Type: 'String', AllowedValues: ['true', 'false'] } as const;
const optional = { Type: 'String', Default: '' } as const;
const optionalList = { Type: 'CommaDelimitedList', Default: '' } as const;

/** The parameters that every form of the template has. */
export const parameters = {
  ParameterPath: {
    Type: 'String',
    Description:
      "Root of the proxy's documents in Parameter Store, such as /countersign/gateway; of no other proxy in this account and Region",
    AllowedPattern: '^(?!/(?i:aws|ssm))(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*){1,13}$',
    ConstraintDescription:
      'Segments of A-Z a-z 0-9 _ . - behind a slash each, at most 13, none beginning with a dot; not below /aws or /ssm',
  },
  UpstreamFunctionArns: {
    ...optionalList,
    Description: 'ARNs of functions whose URLs the proxy may call; names may contain *',
    AllowedPattern: functionArns,
    ConstraintDescription: 'arn:aws:lambda:<region>:<account>:function:<name>',
  },
  UpstreamApiArns: {
    ...optionalList,
    Description: 'ARNs of API Gateway resources that the proxy may call; may contain *',
    AllowedPattern: apiArns,
    ConstraintDescription:
      'arn:aws:execute-api:<region>:<account>:<api id>/<stage>/<method>/<path>',
  },
  AssumableRoleArns: {
    ...optionalList,
    Description: 'ARNs of roles that routes may name as role_arn',
    AllowedPattern: roleArns,
    ConstraintDescription: 'arn:aws:iam::<account>:role/<name>',
  },
  AllowedHosts: {
    ...optional,
    Description:
      "Hosts that routes may call besides AWS's endpoints: host, host:port or *.domain, separated by commas",
  },
  RequireAccessPlugin: {
    ...yesOrNo,
    Default: 'false',
    Description: 'Whether a route without an access plugin is refused',
  },
  Snapshot: {
    ...yesOrNo,
    Default: 'true',
    Description:
      'Whether a publisher writes a snapshot that the proxy reads; false: the proxy reads Parameter Store itself',
  },
  TopicArn: {
    ...optional,
    Description: 'ARN of an SNS topic for alarms, and for changes that are refused or open a route',
    AllowedPattern: topicArn,
    ConstraintDescription: 'arn:aws:sns:<region>:<account>:<topic>, of a standard topic',
  },
  Monitoring: {
    ...yesOrNo,
    Default: 'true',
    Description: 'Whether there are alarms, a dashboard and saved queries',
  },
  RateLimitTable: {
    ...yesOrNo,
    Default: 'false',
    Description: 'Whether a DynamoDB table holds the counts of rate limits for all environments',
  },
  MemorySize: {
    Type: 'Number',
    Default: 512,
    MinValue: 128,
    MaxValue: 10_240,
    Description: "The proxy's memory in MB",
  },
  ReservedConcurrency: {
    ...optional,
    Description:
      "Most environments of the proxy at a time; 0 switches it off; empty: only the account's limit",
    AllowedPattern: '^[0-9]{0,5}$',
  },
  LogRetentionDays: {
    Type: 'Number',
    Default: 30,
    AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827],
    Description: 'How long log lines are kept',
  },
  LogLevel: {
    Type: 'String',
    Default: 'info',
    AllowedValues: ['debug', 'info', 'warn', 'error'],
    Description: 'Least severity of the log lines that are written',
  },
  Edge: {
    ...yesOrNo,
    Default: 'false',
    Description:
      'Whether there is a CloudFront distribution, which alone may call the function URL',
  },
  EdgeDomainName: {
    ...optional,
    Description: 'Domain name of the distribution; you make the DNS record',
  },
  EdgeCertificateArn: {
    ...optional,
    Description: 'ARN of the certificate of EdgeDomainName, in us-east-1',
    AllowedPattern: certificateArn,
  },
  EdgeWebAclArn: {
    ...optional,
    Description: 'ARN of a WAF web ACL of scope CLOUDFRONT',
    AllowedPattern: webAclArn,
  },
} as const satisfies Readonly<Record<string, Parameter>>;

/** Parameters of the form that takes the zips from a bucket of yours. */
export const artifactParameters = {
  ArtifactBucket: {
    Type: 'String',
    Description: "Bucket in the stack's Region that holds the zips of this release",
  },
  ArtifactPrefix: {
    ...optional,
    Description: 'What the keys of the zips begin with, such as countersign/; empty: nothing',
    AllowedPattern: '^$|^[^/].*/$',
    ConstraintDescription: 'Ends with a slash, and does not begin with one',
  },
} as const satisfies Readonly<Record<string, Parameter>>;

/** A parameter that may be left empty, and the condition that it is not. */
export const optionalParameters = {
  UpstreamFunctionArns: 'HasUpstreamFunctions',
  UpstreamApiArns: 'HasUpstreamApis',
  AssumableRoleArns: 'HasAssumableRoles',
  AllowedHosts: 'HasAllowedHosts',
  TopicArn: 'HasTopic',
  ReservedConcurrency: 'HasReservedConcurrency',
  EdgeWebAclArn: 'HasEdgeWebAcl',
} as const satisfies Readonly<Partial<Record<keyof typeof parameters, string>>>;

const ref = (name: string): Json => ({ Ref: name });
const isTrue = (name: keyof typeof parameters): Json => ({ 'Fn::Equals': [ref(name), 'true'] });
const isGiven = (name: keyof typeof parameters): Json => {
  const { Type } = parameters[name];
  const text = Type === 'CommaDelimitedList' ? { 'Fn::Join': ['', ref(name)] } : ref(name);
  return { 'Fn::Not': [{ 'Fn::Equals': [text, ''] }] };
};

/** The conditions of the template. No name contains `And`, by which names of combined conditions are made. */
export const conditions: Readonly<Record<string, Json>> = {
  HasSnapshot: isTrue('Snapshot'),
  HasMonitoring: isTrue('Monitoring'),
  HasRateLimitTable: isTrue('RateLimitTable'),
  RequiresAccessPlugin: isTrue('RequireAccessPlugin'),
  HasEdge: isTrue('Edge'),
  HasEdgeDomain: { 'Fn::And': [isTrue('Edge'), isGiven('EdgeDomainName')] },
  ...Object.fromEntries(
    Object.entries(optionalParameters).map(([name, condition]) => [
      condition,
      isGiven(name as keyof typeof optionalParameters),
    ]),
  ),
};

/** What CloudFormation refuses before it creates anything. */
export const rules: Readonly<Record<string, Json>> = {
  EdgeDomainHasCertificate: toRule('EdgeDomainName', 'EdgeCertificateArn'),
  EdgeCertificateHasDomain: toRule('EdgeCertificateArn', 'EdgeDomainName'),
};

function toRule(given: keyof typeof parameters, needed: keyof typeof parameters): Json {
  return {
    RuleCondition: isGiven(given),
    Assertions: [{ Assert: isGiven(needed), AssertDescription: `${given} requires ${needed}` }],
  };
}

/** How consoles group the parameters. */
export const parameterGroups: Json = toGroups({
  Documents: ['ParameterPath', 'Snapshot', 'RequireAccessPlugin'],
  Upstreams: ['UpstreamFunctionArns', 'UpstreamApiArns', 'AssumableRoleArns', 'AllowedHosts'],
  Function: ['MemorySize', 'ReservedConcurrency', 'RateLimitTable'],
  Operations: ['TopicArn', 'Monitoring', 'LogRetentionDays', 'LogLevel'],
  Edge: ['Edge', 'EdgeDomainName', 'EdgeCertificateArn', 'EdgeWebAclArn'],
});

function toGroups(groups: Readonly<Record<string, (keyof typeof parameters)[]>>): Json {
  return Object.entries(groups).map(([label, names]) => ({
    Label: { default: label },
    Parameters: names,
  }));
}
