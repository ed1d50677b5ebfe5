import type { Duration } from 'aws-cdk-lib';
import type { HostedZoneAttributes } from 'aws-cdk-lib/aws-route53';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';

/** How CloudFront stands in front of a `SigningProxy`; `{}` is a distribution under its own `cloudfront.net` name. */
export interface EdgeProps {
  /**
   * Name that clients call, for example `api.example.com`.
   * @default - the distribution's own name
   */
  readonly domainName?: string;

  /**
   * Certificate for `domainName`, which CloudFront wants in us-east-1 wherever the proxy is.
   * @default - none; required with `domainName`
   */
  readonly certificateArn?: string;

  /**
   * Route 53 zone that gets the A and AAAA records of `domainName`; a `HostedZone` or its attributes.
   * @default - none: you make the records
   */
  readonly hostedZone?: HostedZoneAttributes;

  /**
   * ARN of a WAF web ACL of scope CLOUDFRONT.
   * @default - none
   */
  readonly webAclArn?: string;

  /**
   * Creates a web ACL: AWS's lists of bad addresses and known bad input, and this many requests from one address in
   * five minutes. WAF wants it in us-east-1, so the stack must be there.
   * @default - none
   */
  readonly managedWebAclRequests?: number;

  /**
   * Secret whose JSON field `current` the distribution sends; all its fields are accepted.
   * @default - one is generated
   */
  readonly originSecret?: ISecret | Secret;

  /**
   * Version id of the secret that the distribution sends. CloudFormation reads a secret only when the template
   * changes, so that a rotation ends with a new value here.
   * @default - the one that was current when the distribution was last deployed
   */
  readonly originSecretVersion?: string;

  /**
   * How long CloudFront waits for the response to begin, and for each part of it: 1 to 120 seconds.
   * @default Duration.seconds(60)
   */
  readonly responseTimeout?: Duration;

  /**
   * Bucket, with ACLs enabled, for CloudFront's own access logs.
   * @default - none: the proxy logs every request that reaches it
   */
  readonly logBucket?: IBucket | Bucket;
}
