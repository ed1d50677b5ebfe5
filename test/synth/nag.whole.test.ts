/** cdk-nag, and a look at every wildcard: whatever is found has its reason here, and no reason is left over. */
import { type App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { LambdaDeploymentConfig } from 'aws-cdk-lib/aws-codedeploy';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Tracing } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { CountersignStack, DemoStack } from '../../lib/index.ts';
import { createApp, readResources, readStatements } from './synth-app.ts';

/** Rule and finding, less the name of the pack, and why it stands. */
type Explained = readonly [id: string, reason: string];

const anywhere = 'arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/countersign';
const virginia = 'arn:aws:ssm:us-east-1:<AWS::AccountId>:parameter/countersign';

const documents = (path: string): Explained => [
  `IAM5[Resource::${path}/*]`,
  'Documents are added below the path without a deployment: that is what the path is for.',
];
const snapshot: Explained = [
  'S1',
  'One role reads the bucket and one writes it; CloudTrail’s data events are an option.',
];
const created = (path: string): Explained => [
  `IAM5[Resource::${path}/routes/*]`,
  'A route that leaves the template is deleted after the policy has ceased to name it.',
];
const edge: readonly Explained[] = [
  [
    'SMG4',
    'A rotation ends with a deployment of the distribution, which no rotation function can make.',
  ],
  ['CFR1', 'Whom to keep out by country is the operator’s to say.'],
  [
    'CFR3',
    'The proxy logs every request that reaches it; a bucket for CloudFront’s own log is an option.',
  ],
];

/** Every stack that the app makes, and others with every option. */
const stacks: Readonly<Record<string, [(app: App) => Stack, readonly Explained[]]>> = {
  'the production stack': [
    (app) => new CountersignStack(app, 'Prod'),
    [documents(`${anywhere}/Prod`), snapshot],
  ],
  'the demo': [
    (app) => new DemoStack(app, 'Demo'),
    [documents(`${anywhere}/Demo`), snapshot, created(`${anywhere}/Demo`)],
  ],
  'an edge without a domain': [
    (app) => new CountersignStack(app, 'Plain', { proxy: { edge: {} } }),
    [
      documents(`${anywhere}/Plain`),
      snapshot,
      ...edge,
      ['CFR2', 'A web ACL is an option, and costs by the month.'],
      ['CFR4', 'CloudFront’s own certificate fixes the protocols; a domain of yours does not.'],
    ],
  ],
  'a stack with every option': [
    createFullStack,
    [
      documents(`${virginia}/Full`),
      snapshot,
      created(`${virginia}/Full`),
      ...edge,
      [
        'IAM5[Resource::*]',
        'Lambda’s network interfaces and X-Ray’s segments know no narrower resources; code in the function is denied the former.',
      ],
      [
        'IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
        'The policy that AWS made for CodeDeploy and Lambda; CDK attaches it to any role.',
      ],
      ['DDB3', 'Counts of rate limits are worth nothing a few minutes later.'],
    ],
  ],
};

function createFullStack(app: App): Stack {
  const network = new Stack(app, 'Network', { env: { region: 'us-east-1' } });
  const vpc = new Vpc(network, 'Vpc', { flowLogs: { all: {} } });
  return new CountersignStack(app, 'Full', {
    env: { region: 'us-east-1' },
    proxy: {
      vpc,
      tracing: Tracing.ACTIVE,
      rateLimitTable: true,
      assumableRoles: ['arn:aws:iam::111122223333:role/orders'],
      upstreams: ['arn:aws:lambda:us-east-1:111122223333:function:orders'],
      routes: { none: { uri: '/none' } },
      alias: { gradual: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES },
      edge: {
        domainName: 'api.example.com',
        certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/abc',
        hostedZone: { hostedZoneId: 'Z1', zoneName: 'example.com' },
        managedWebAclRequests: 2000,
      },
    },
  });
}

describe.each(Object.entries(stacks))('%s', (_, [create, explained]) => {
  test('has the findings of cdk-nag that are explained, and no others', () => {
    const app = createApp();
    create(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    const found = readFindings(() => app.synth());
    expect(found).toEqual(new Set(explained.map(([id]) => id)));
  });

  test('synthesises once they are acknowledged', () => {
    const app = createApp();
    create(app);
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    Validations.of(app).acknowledge(
      ...explained.map(([id, reason]) => ({ id: `AwsSolutions::AwsSolutions-${id}`, reason })),
    );
    expect(() => app.synth()).not.toThrow();
  });

  test('has no wildcard in a policy but those', () => {
    const statements = readStatements(Template.fromStack(create(createApp())));
    const texts = statements.flatMap((s) => [...[s.Action].flat(), ...readResources(s)]);
    const wildcards = texts.filter((text) => /[*?]/.test(text));
    const ids = explained.map(([id]) => /^IAM5\[Resource::(.*)\]$/.exec(id)?.[1]);
    expect(new Set(wildcards)).toEqual(new Set(ids.filter((id) => id !== undefined)));
  });
});

/** What the validation that fails would have acknowledged. */
function readFindings(synth: () => unknown): ReadonlySet<string> {
  try {
    synth();
    return new Set();
  } catch (error) {
    const ids = String(error).matchAll(/AwsSolutions::AwsSolutions-([^']+)'/g);
    return new Set([...ids].map(([, id = '']) => id));
  }
}
