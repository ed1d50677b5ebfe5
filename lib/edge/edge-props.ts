import type { Duration } from 'aws-cdk-lib';
import type { HostedZoneAttributes } from 'aws-cdk-lib/aws-route53';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';

/**
 * Props of the CloudFront distribution in front of a `SigningProxy`. `{}` is a distribution with its own
 * `cloudfront.net` name.
 */
export interface EdgeProps {
  /**
   * Domain name for clients, for example `api.example.com`.
   * @default - the distribution's own name
   */
  readonly domainName?: string | undefined;

  /**
   * ARN of the certificate for `domainName`. CloudFront requires it in us-east-1, in whichever Region the proxy is.
   * @default - none; required with `domainName`
   */
  readonly certificateArn?: string | undefined;

  /**
   * Route 53 zone in which A and AAAA records of `domainName` are created; a `HostedZone` or its attributes.
   * @default - none: you create the records
   */
  readonly hostedZone?: HostedZoneAttributes | undefined;

  /**
   * ARN of a WAF web ACL of scope CLOUDFRONT.
   * @default - none
   */
  readonly webAclArn?: string | undefined;

  /**
   * Creates a WAF web ACL with AWS's lists of bad addresses and known bad input, and a limit of this many requests from
   * one address in five minutes. The web ACL must be in us-east-1, so the stack must be there.
   * @default - none
   */
  readonly managedWebAclRequests?: number | undefined;

  /**
   * Secret that authenticates the distribution. The distribution sends its JSON field `current`; the proxy accepts the
   * values of all fields.
   * @default - one is generated
   */
  readonly originSecret?: ISecret | Secret | undefined;

  /**
   * Version id of the secret that the distribution sends. CloudFormation reads a secret only if the template changes,
   * so the last step of a rotation is a new value here.
   * @default - the version that was current when the distribution was last deployed
   */
  readonly originSecretVersion?: string | undefined;

  /**
   * How long CloudFront waits for the beginning of a response, and for each further part of it: 1 to 120 seconds.
   * @default Duration.seconds(60)
   */
  readonly responseTimeout?: Duration | undefined;

  /**
   * Bucket for CloudFront's own access logs. Its ACLs must be enabled.
   * @default - none: the proxy logs every request that reaches it
   */
  readonly logBucket?: IBucket | Bucket | undefined;
}
