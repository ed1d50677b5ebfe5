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

/** The field of the secret that CloudFront sends. The proxy accepts the other fields as well. */
const currentField = 'current';

/**
 * A CloudFront distribution in front of a function URL. It caches nothing, passes everything on, and adds a secret
 * header. The proxy refuses requests without this header; they reach the function all the same.
 */
export class Edge extends Construct {
  readonly distribution: cloudfront.Distribution;
  readonly originSecret: ISecret | Secret;
  /** The reference to the secret, as the value of `COUNTERSIGN_ORIGIN_SECRET`. */
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
      // CloudFront allows 128 characters.
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
        // A dynamic reference: CloudFormation reads the value when it deploys. No template and no log contains it.
        customHeaders: { [originHeader]: this.#toDynamicReference(props.originSecretVersion) },
      }),
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      // The function URL accepts only its own name as Host. This policy also adds CloudFront's own headers, such as
      // CloudFront-Viewer-Address.
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      // A redirect would answer a request that the client has already sent in clear text, and would turn a POST into a
      // GET.
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
      // Compression would delay a stream.
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
    // Web ACLs for CloudFront must be in this Region. A stack without a Region could be deployed elsewhere.
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
      // The dot at the end keeps CDK from appending the zone's name.
      recordName: `${domainName}.`,
      target: RecordTarget.fromAlias(new CloudFrontTarget(this.distribution)),
    };
    new ARecord(this, 'Ipv4', record);
    new AaaaRecord(this, 'Ipv6', record);
  }
}

/**
 * Runs at CloudFront, and copies the client's Host into x-forwarded-host, because CloudFront replaces Host by the
 * function URL's name.
 */
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
    throw new Error('edge: domainName and certificateArn require each other.');
  }
  if (hostedZone && domainName === undefined) {
    throw new Error('edge: hostedZone requires domainName, whose records it contains.');
  }
  if (webAclArn !== undefined && managedWebAclRequests !== undefined) {
    throw new Error('edge: give webAclArn or managedWebAclRequests, not both.');
  }
}
