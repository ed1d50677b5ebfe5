import { Duration, SecretValue, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { FunctionUrlOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IFunctionUrl } from 'aws-cdk-lib/aws-lambda';
import { AaaaRecord, ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { secretsManagerPath } from '../../functions/proxy/documents/reference-rules.ts';
import { originHeader } from '../../functions/proxy/http/origin.ts';
import type { EdgeProps } from './edge-props.ts';
import { createManagedWebAcl } from './managed-web-acl.ts';

/** The field of the secret that CloudFront sends; the others are accepted beside it. */
const currentField = 'current';

/**
 * CloudFront in front of a function URL: nothing cached, everything passed on, and a secret header without which the
 * function URL refuses.
 */
export class Edge extends Construct {
  readonly distribution: cloudfront.Distribution;
  readonly originSecret: ISecret | Secret;
  /** The secret as `COUNTERSIGN_ORIGIN_SECRET` names it. */
  readonly originReference: string;
  /** `https://<name>/`, with the slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, functionUrl: IFunctionUrl, props: EdgeProps) {
    super(scope, id);
    assertConsistent(props);
    const { domainName, certificateArn, logBucket } = props;
    this.originSecret = props.originSecret ?? this.#createSecret();
    this.originReference = `$secret://ssm/${secretsManagerPath}/${this.originSecret.secretName}`;
    const webAclId = props.webAclArn ?? this.#createWebAcl(props.managedWebAclRequests);
    this.distribution = new cloudfront.Distribution(this, 'Distribution', {
      // As much as CloudFront takes.
      comment: `Countersign signing proxy ${this.node.path}`.slice(0, 128),
      defaultBehavior: this.#toBehavior(functionUrl, props),
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      ...(domainName !== undefined && { domainNames: [domainName] }),
      ...(certificateArn !== undefined && {
        certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
        minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      }),
      ...(webAclId !== undefined && { webAclId }),
      ...(logBucket && { enableLogging: true, logBucket: logBucket as IBucket }),
    });
    this.#addRecords(props);
    this.url = `https://${domainName ?? this.distribution.distributionDomainName}/`;
  }

  #toBehavior(functionUrl: IFunctionUrl, props: EdgeProps): cloudfront.BehaviorOptions {
    return {
      origin: new FunctionUrlOrigin(functionUrl, {
        readTimeout: props.responseTimeout ?? Duration.seconds(60),
        // A dynamic reference: CloudFormation reads the value when it deploys; no template and no log holds it.
        customHeaders: { [originHeader]: this.#toDynamicReference(props.originSecretVersion) },
      }),
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      // The function URL answers to its own name only. CloudFront's own headers, CloudFront-Viewer-Address among
      // them, come with this policy.
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      // A redirect would answer what a client has sent in clear; and a POST would arrive as a GET.
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      // Compressing would hold a stream back.
      compress: false,
      functionAssociations: [
        {
          eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
          function: new cloudfront.Function(this, 'NameHost', {
            comment: 'Tells the proxy which host the client named',
            code: cloudfront.FunctionCode.fromInline(nameHost),
            runtime: cloudfront.FunctionRuntime.JS_2_0,
          }),
        },
      ],
    };
  }

  #createSecret(): Secret {
    return new Secret(this, 'OriginSecret', {
      description: `What CloudFront sends as ${originHeader}; previous is accepted during a rotation`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ previous: '' }),
        generateStringKey: currentField,
        passwordLength: 48,
        excludePunctuation: true,
      },
    });
  }

  #toDynamicReference(versionId: string | undefined): string {
    return SecretValue.secretsManager(this.originSecret.secretArn, {
      jsonField: currentField,
      ...(versionId !== undefined && { versionId }),
    }).unsafeUnwrap();
  }

  #createWebAcl(requests: number | undefined): string | undefined {
    if (requests === undefined) return undefined;
    // WAF keeps what CloudFront uses in this one Region; a stack without a Region could turn out to be elsewhere.
    if (Stack.of(this).region !== 'us-east-1') {
      throw new Error(
        "managedWebAclRequests needs a stack with env: { region: 'us-east-1' }; elsewhere give webAclArn.",
      );
    }
    return createManagedWebAcl(this, 'WebAcl', requests).attrArn;
  }

  #addRecords({ domainName, hostedZone }: EdgeProps): void {
    if (domainName === undefined || !hostedZone) return;
    const { hostedZoneId, zoneName } = hostedZone;
    const record = {
      zone: HostedZone.fromHostedZoneAttributes(this, 'Zone', { hostedZoneId, zoneName }),
      // With its dot, so that nothing is appended.
      recordName: `${domainName}.`,
      target: RecordTarget.fromAlias(new CloudFrontTarget(this.distribution)),
    };
    new ARecord(this, 'Ipv4', record);
    new AaaaRecord(this, 'Ipv6', record);
  }
}

/** Runs at CloudFront: the request's own Host is replaced by the function URL's on the way to it. */
const nameHost = `function handler(event) {
  const { headers } = event.request;
  delete headers['x-forwarded-host'];
  if (headers.host) headers['x-forwarded-host'] = { value: headers.host.value };
  return event.request;
}
`;

function assertConsistent(props: EdgeProps): void {
  const { domainName, certificateArn, hostedZone, webAclArn, managedWebAclRequests } = props;
  if ((domainName === undefined) !== (certificateArn === undefined)) {
    throw new Error('edge: domainName and certificateArn go together.');
  }
  if (hostedZone && domainName === undefined) {
    throw new Error('edge: hostedZone makes records of domainName, which is missing.');
  }
  if (webAclArn !== undefined && managedWebAclRequests !== undefined) {
    throw new Error('edge: give webAclArn or managedWebAclRequests, not both.');
  }
}
