import { runInNewContext } from 'node:vm';
import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { CountersignStack, type EdgeProps, SigningProxy } from '../../lib/index.ts';
import { createApp, findOnly, type Json, type Statement } from './synth-app.ts';

const certificateArn = 'arn:aws:acm:us-east-1:111122223333:certificate/abc';
const domain = { domainName: 'api.example.com', certificateArn };

function synthesise(toEdge: (stack: Stack) => EdgeProps, region?: string): Template {
  const stack = new Stack(createApp(), 'Host', region === undefined ? {} : { env: { region } });
  new SigningProxy(stack, 'Proxy', { parameterPath: '/edge', edge: toEdge(stack) });
  return Template.fromStack(stack);
}

const _isOfSecret = ({ Sid }: Statement) => String(Sid).includes('OriginSecret');

function readConfig(template: Template): Record<string, Json> {
  const { DistributionConfig: config } = findOnly(template, 'AWS::CloudFront::Distribution')
    .Properties as Record<string, Record<string, Json>>;
  return config ?? {};
}

describe('the distribution', () => {
  const config = readConfig(synthesise(() => ({})));

  test('passes on every method and every header but Host, caches nothing and holds nothing back', () => {
    expect(config['DefaultCacheBehavior']).toMatchObject({
      AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
      // AWS's own policies, by their public ids: CachingDisabled, AllViewerExceptHostHeader.
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
      Compress: false,
      ViewerProtocolPolicy: 'https-only',
    });
  });

  test('speaks HTTP/2 and HTTP/3 to clients, over IPv6 too', () => {
    expect(config).toMatchObject({ HttpVersion: 'http2and3', IPV6Enabled: true });
  });

  test('calls the function URL over TLS 1.2 and waits a minute for it', () => {
    expect(config['Origins']).toMatchObject([
      {
        CustomOriginConfig: {
          OriginProtocolPolicy: 'https-only',
          OriginSSLProtocols: ['TLSv1.2'],
          OriginReadTimeout: 60,
        },
      },
    ]);
    expect(JSON.stringify(config['Origins'])).toContain('FunctionUrl');
  });

  test('waits as long as it is told', () => {
    const waiting = readConfig(synthesise(() => ({ responseTimeout: Duration.seconds(120) })));
    expect(waiting['Origins']).toMatchObject([{ CustomOriginConfig: { OriginReadTimeout: 120 } }]);
  });

  test('logs to a bucket where it is given one', () => {
    const logging = readConfig(
      synthesise((stack) => ({
        logBucket: new Bucket(stack, 'Logs', {
          objectOwnership: ObjectOwnership.BUCKET_OWNER_PREFERRED,
        }),
      })),
    );
    expect(logging['Logging']).toBeDefined();
    expect(config['Logging']).toBeUndefined();
  });

  test('tells the proxy which host the client named, and lets no client say another one', () => {
    const { FunctionCode: code } = findOnly(
      synthesise(() => ({})),
      'AWS::CloudFront::Function',
    ).Properties as { FunctionCode: string };
    const run = (headers: Record<string, { value: string }>) =>
      runInNewContext(`${code}; handler(${JSON.stringify({ request: { headers } })}).headers`);
    const host = { value: 'api.example.com' };
    const lie = { value: 'admin.example.com' };
    expect(run({ host, 'x-forwarded-host': lie })).toEqual({ host, 'x-forwarded-host': host });
    expect(run({ 'x-forwarded-host': lie })).toEqual({});
  });
});

describe('a domain', () => {
  test('comes with its certificate, and TLS 1.2 at least', () => {
    expect(readConfig(synthesise(() => domain))).toMatchObject({
      Aliases: ['api.example.com'],
      ViewerCertificate: {
        AcmCertificateArn: certificateArn,
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      },
    });
  });

  test.each(['imported', 'of this app'])('gets A and AAAA records in a zone that is %s', (kind) => {
    const template = synthesise((stack) => ({
      ...domain,
      hostedZone:
        kind === 'imported'
          ? { hostedZoneId: 'Z1', zoneName: 'example.com' }
          : new PublicHostedZone(stack, 'Zone', { zoneName: 'example.com' }),
    }));
    const records = Object.values(template.findResources('AWS::Route53::RecordSet'));
    expect(records.map(({ Properties: p }) => [p.Type, p.Name])).toEqual([
      ['A', 'api.example.com.'],
      ['AAAA', 'api.example.com.'],
    ]);
    for (const { Properties: p } of records) {
      expect(JSON.stringify(p.AliasTarget)).toContain('ProxyEdgeDistribution');
    }
  });

  test('without a zone gets no records', () => {
    synthesise(() => domain).resourceCountIs('AWS::Route53::RecordSet', 0);
  });

  test.each<[EdgeProps, string]>([
    [{ domainName: 'api.example.com' }, 'domainName and certificateArn require each other'],
    [{ certificateArn }, 'domainName and certificateArn require each other'],
    [
      { hostedZone: { hostedZoneId: 'Z1', zoneName: 'example.com' } },
      'hostedZone requires domainName',
    ],
    [{ webAclArn: 'arn', managedWebAclRequests: 100 }, 'not both'],
  ])('is refused half given: %j', (edge, message) => {
    expect(() => synthesise(() => edge)).toThrow(message);
  });
});

describe('a web ACL', () => {
  test('may be given', () => {
    const webAclArn = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/b';
    expect(readConfig(synthesise(() => ({ webAclArn })))['WebACLId']).toBe(webAclArn);
  });

  test('may be made: bad addresses, bad input, and a limit for each address', () => {
    const template = synthesise(() => ({ managedWebAclRequests: 2000 }), 'us-east-1');
    template.hasResourceProperties('AWS::WAFv2::WebACL', {
      Scope: 'CLOUDFRONT',
      DefaultAction: { Allow: {} },
      Rules: [
        Match.objectLike({
          Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
          Statement: { RateBasedStatement: Match.objectLike({ Limit: 2000 }) },
        }),
        Match.objectLike({ Name: 'AWSManagedRulesAmazonIpReputationList' }),
        Match.objectLike({ Name: 'AWSManagedRulesKnownBadInputsRuleSet' }),
      ],
    });
    expect(JSON.stringify(readConfig(template)['WebACLId'])).toContain('ProxyEdgeWebAcl');
  });

  test.each([undefined, 'eu-west-1'])(
    'is made in us-east-1 only, and the Region %s is refused',
    (region) => {
      expect(() => synthesise(() => ({ managedWebAclRequests: 2000 }), region)).toThrow(
        "needs a stack with env: { region: 'us-east-1' }",
      );
    },
  );
});

describe('a stack with an edge', () => {
  const read = (edge: EdgeProps) => {
    const stack = new CountersignStack(createApp(), 'Countersign', { proxy: { edge } });
    const outputs = Template.fromStack(stack).findOutputs('*');
    return Object.fromEntries(
      Object.entries(outputs).map(([id, { Value: value }]) => [id, JSON.stringify(value)]),
    );
  };

  test('prints the domain as its URL, and what belongs to it', () => {
    const outputs = read(domain);
    expect(outputs['Url']).toBe('"https://api.example.com/"');
    expect(outputs['FunctionUrl']).toContain('FunctionUrl');
    expect(outputs['DistributionName']).toContain('DomainName');
    expect(outputs['OriginSecret']).toContain('OriginSecret');
  });

  test('prints the name of the distribution where it has no other', () => {
    expect(read({})['Url']).toMatch(/https:\/\/.*ProxyEdgeDistribution\w*","DomainName/);
  });
});
