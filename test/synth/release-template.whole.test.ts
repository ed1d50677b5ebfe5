/** The template of a release, with each choice of parameters, against the stack that CDK deploys with the same settings. */
import { Template } from 'aws-cdk-lib/assertions';
import { CountersignStack, type CountersignStackProps } from '../../lib/index.ts';
import { withShortIds } from '../../release/ids.ts';
import type { Json, JsonObject } from '../../release/json.ts';
import { parameters } from '../../release/parameters.ts';
import { createMergedStack, toTemplate } from '../../release/template.ts';
import {
  evaluate,
  listReferences,
  toComparable,
  type Values,
} from '../support/evaluated-template.ts';
import { isWhole } from '../support/sample.ts';
import { createApp } from './synth-app.ts';

const stack = createMergedStack();
const zips = Object.fromEntries(
  Object.keys(stack.code).map((key) => [key, `${key.slice(0, 8)}.zip`]),
);
const template = toTemplate(stack, zips, 'bucket');
const path = '/countersign/gateway';
const topic = 'arn:aws:sns:eu-west-1:111122223333:operators';
const functions = ['orders', 'users-*'].map(
  (n) => `arn:aws:lambda:eu-west-1:111122223333:function:${n}`,
);
const api = 'arn:aws:execute-api:eu-west-1:111122223333:abc123/prod/*/users/*';
const role = 'arn:aws:iam::444455556666:role/countersign';
const certificate = 'arn:aws:acm:us-east-1:111122223333:certificate/1';
const acl = 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/a/1';

const required = { ParameterPath: path, ArtifactBucket: 'zips' };
const domain = {
  Edge: 'true',
  EdgeDomainName: 'api.example.com',
  EdgeCertificateArn: certificate,
} as const;
const optional = {
  ...{ UpstreamFunctionArns: functions, UpstreamApiArns: [api], AssumableRoleArns: [role] },
  ...{ AllowedHosts: 'a.example', TopicArn: topic, ReservedConcurrency: 20, EdgeWebAclArn: acl },
  RequireAccessPlugin: 'true',
} as const;

interface Choice {
  readonly name: string;
  readonly values: Values;
  readonly props: CountersignStackProps;
}

/** Settings that the template has by default and the constructs leave to the function. */
const common = { parameterPath: path, logLevel: 'info' } as const;

const choices: readonly Choice[] = [
  { name: 'by default', values: {}, props: { proxy: common } },
  {
    name: 'in direct mode, with an edge',
    values: { Snapshot: 'false', Monitoring: 'false', Edge: 'true', RateLimitTable: 'true' },
    props: {
      monitoring: false,
      proxy: { ...common, snapshot: false, edge: {}, rateLimitTable: true },
    },
  },
  {
    name: 'with everything',
    values: {
      UpstreamFunctionArns: functions,
      UpstreamApiArns: [api],
      AssumableRoleArns: [role],
      AllowedHosts: 'a.example,*.b.example:8443',
      RequireAccessPlugin: 'true',
      TopicArn: topic,
      RateLimitTable: 'true',
      MemorySize: 1024,
      ReservedConcurrency: 20,
      LogRetentionDays: 90,
      LogLevel: 'debug',
      Edge: 'true',
      EdgeDomainName: 'api.example.com',
      EdgeCertificateArn: certificate,
      EdgeWebAclArn: acl,
    },
    props: {
      topicArn: topic,
      proxy: {
        ...{ parameterPath: path, logLevel: 'debug', logRetention: 90, memorySize: 1024 },
        ...{ upstreams: [...functions, api], assumableRoles: [role] },
        ...{ allowedHosts: ['a.example', '*.b.example:8443'], requireAccessPlugin: true },
        ...{ rateLimitTable: true, reservedConcurrentExecutions: 20 },
        edge: { domainName: 'api.example.com', certificateArn: certificate, webAclArn: acl },
      },
    },
  },
  {
    name: 'with monitoring in direct mode',
    values: { Snapshot: 'false', TopicArn: topic },
    props: { topicArn: topic, proxy: { ...common, snapshot: false } },
  },
  {
    name: 'with a snapshot and an edge, and no monitoring',
    values: { Monitoring: 'false', Edge: 'true', ReservedConcurrency: 0 },
    props: { monitoring: false, proxy: { ...common, edge: {}, reservedConcurrentExecutions: 0 } },
  },
];

/** What CDK deploys, with the ids of the release. */
function synthesise(props: CountersignStackProps) {
  const stack = new CountersignStack(createApp(), 'Countersign', props);
  const { Resources, Outputs } = Template.fromStack(stack).toJSON();
  return withShortIds({ Resources, Outputs }, Object.keys(Resources), []) as {
    readonly Resources: Readonly<Record<string, JsonObject>>;
    readonly Outputs: Readonly<Record<string, JsonObject>>;
  };
}

test.each(isWhole ? choices : choices.slice(0, 3))(
  '$name, its resources and outputs are those that CDK deploys',
  ({ values, props }) => {
    const released = evaluate(template, { ParameterPath: path, ArtifactBucket: 'zips', ...values });
    const deployed = synthesise(props);

    expect(toSorted(released.Resources)).toEqual(toSorted(deployed.Resources));
    expect(toComparable(released.Outputs)).toEqual(toComparable(deployed.Outputs));
  },
);

/** Every combination of what makes resources, with the other parameters given and left empty. */
const combinations: readonly Values[] = ['true', 'false'].flatMap((Snapshot) =>
  ['true', 'false'].flatMap((Monitoring) =>
    ['true', 'false'].flatMap((RateLimitTable) =>
      [{}, { Edge: 'true' }, domain].flatMap((edge) =>
        [{}, optional].map((others) => ({
          ...{ Snapshot, Monitoring, RateLimitTable },
          ...{ ...edge, ...others },
        })),
      ),
    ),
  ),
);

test('under each combination of conditions every reference leads to what there is', () => {
  const missing = combinations.flatMap((values) => {
    const { Resources, Outputs } = evaluate(template, { ...required, ...values });
    const ids = new Set(Object.keys(Resources));
    return [...new Set(listReferences({ Resources, Outputs }))]
      .filter((id) => !ids.has(id))
      .map((id) => `${id} with ${JSON.stringify(values)}`);
  });

  expect(combinations).toHaveLength(48);
  expect(missing).toEqual([]);
});

test('the template has no condition that it does not define, and none that nothing uses', () => {
  const { Conditions, ...others } = template;
  const text = JSON.stringify(template);
  const named = [...text.matchAll(/"(?:Condition":|Fn::If":\[)"(\w+)"/g)].map(([, name]) => name);

  expect([...new Set(named)].filter((name) => !(String(name) in (Conditions as object)))).toEqual(
    [],
  );
  expect(Object.keys(Conditions as object).filter((name) => !named.includes(name))).toEqual([]);
  expect(JSON.stringify(others)).toContain('HasEdgeDomain');
});

test('each parameter changes something', () => {
  const { Parameters: all, Metadata: _, Rules: __, ...others } = template;
  const text = JSON.stringify(others);
  const unused = Object.keys(all as JsonObject).filter(
    (name) => !text.includes(`"Ref":"${name}"`) && !text.includes(`\${${name}}`),
  );

  expect(unused).toEqual([]);
});

test('a pattern refuses ARNs of every account, and paths that are none', () => {
  const isAllowed = (
    name: 'UpstreamFunctionArns' | 'UpstreamApiArns' | 'ParameterPath' | 'TopicArn',
    text: string,
  ) =>
    // The flag inside of the pattern is Java's.
    new RegExp(parameters[name].AllowedPattern.replace('(?i:aws|ssm)', '(?:aws|ssm)')).test(text);

  expect(functions.every((arn) => isAllowed('UpstreamFunctionArns', arn))).toBe(true);
  expect(isAllowed('UpstreamApiArns', api)).toBe(true);
  for (const arn of ['*', 'arn:aws:lambda:eu-west-1:*:function:a', `${api},*`]) {
    expect(isAllowed('UpstreamFunctionArns', arn)).toBe(false);
    expect(isAllowed('UpstreamApiArns', arn)).toBe(false);
  }
  expect(isAllowed('TopicArn', topic)).toBe(true);
  for (const name of ['*', 'operator?', 'operators:*', 'operators.fifo']) {
    expect(isAllowed('TopicArn', topic.replace('operators', name))).toBe(false);
  }
  expect(isAllowed('ParameterPath', path)).toBe(true);
  for (const wrong of ['/', 'a', '/a/', '//a', '/aws/a', '/ssm', '/a/../b', '/a b']) {
    expect(isAllowed('ParameterPath', wrong)).toBe(false);
  }
});

test('no resource has a name that two stacks of the template would share', () => {
  const { Resources } = evaluate(template, {
    ...{ ParameterPath: '<path>', ArtifactBucket: 'zips', Edge: 'true' },
    RateLimitTable: 'true',
  });
  const named = Object.values(Resources).flatMap(({ Type, Properties }) =>
    Object.entries(Properties as JsonObject)
      .filter(([key]) => /^(Name|.*Name)$/.test(key) && !isOfOtherResource(key))
      .map(([key, value]) => [`${Type} ${key}`, JSON.stringify(value)] as const),
  );

  expect(named.filter(([, value]) => !/AWS::StackId|<path>/.test(value))).toEqual([]);
  expect(named).not.toEqual([]);
});

/** Properties that name another resource, or what is unique within its role. */
function isOfOtherResource(key: string): boolean {
  return ['FunctionName', 'PolicyName', 'MetricName', 'BucketName'].includes(key);
}

/** Without what only one way of deploying has, and in an order that means nothing. */
function toSorted(resources: Readonly<Record<string, JsonObject>>): Json {
  const own = Object.entries(toComparable(resources) as Record<string, JsonObject>).map(
    ([id, { DependsOn: _, Metadata: __, ...resource }]) => {
      const { Code, Name, PolicyDocument, ...others } = (resource['Properties'] ??
        {}) as JsonObject;
      const isOwnName = resource['Type'] === 'AWS::CloudFront::Function';
      const kept = {
        ...(typeof Code === 'string' && { Code }),
        ...(typeof Name === 'string' && !isOwnName && { Name: Name.replace('Countersign/', '') }),
        ...(PolicyDocument !== undefined && { PolicyDocument: sortPolicy(PolicyDocument) }),
      };
      return [id, { ...resource, Properties: { ...others, ...kept } as JsonObject }] as const;
    },
  );
  return Object.fromEntries(own);
}

/** CDK sorts resources by their text, in which a parameter is not yet its value. */
function sortPolicy(document: Json): Json {
  const { Statement, ...others } = document as JsonObject;
  const statements = (Statement as readonly JsonObject[]).map(({ Resource, ...statement }) => {
    const sorted = [Resource ?? []]
      .flat()
      .map((r) => JSON.stringify(r))
      .sort();
    return JSON.stringify({ ...statement, Resource: sorted });
  });
  return { ...others, Statement: statements.sort() };
}
