/** The files of a SAM app: a template around that of the release, its settings, the route and the upstream. */
import type { AppPlan } from './app-plan.ts';
import { toCallPath } from './call.ts';
import { helloFunction, helloSecret } from './hello.ts';
import { toReadme } from './readme.ts';
import { toRoute } from './route.ts';
import { toApiArns, toFunctionArn } from './upstream-arns.ts';
import type { AppFile } from './write-app.ts';

/** What the app has besides its own texts. */
export interface SamParts {
  /** The template of a release, and the zips beside it. */
  readonly released: readonly AppFile[];
  /** What runs the CLI in a shell, such as `npx countersign`. */
  readonly cli: string;
}

/** The files of the app; paths are relative to its folder. */
export function toSamApp(plan: AppPlan, { released, cli }: SamParts): AppFile[] {
  const { routeId, upstream } = plan;
  return [
    { file: 'README.md', text: toReadme(plan, cli) },
    { file: 'template.yaml', text: toTemplate(plan) },
    { file: 'samconfig.toml', text: toSettings(plan) },
    { file: `routes/${routeId}.json`, text: `${JSON.stringify(toRoute(plan), null, 2)}\n` },
    ...(upstream.kind === 'hello' ? [{ file: 'hello/index.mjs', text: helloFunction }] : []),
    { file: '.gitignore', text: '.aws-sam/\n' },
    ...released.map(({ file, text }) => ({ file: `countersign/${file}`, text })),
  ];
}

function toTemplate(plan: AppPlan): string {
  const { name, upstream } = plan;
  const isHello = upstream.kind === 'hello';
  return `# The stack: the proxy and what it may call. countersign/ has the template of the proxy and its code, as released.
AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Description: Countersign proxy ${name}

Resources:
  Proxy:
    Type: AWS::CloudFormation::Stack
${isHello ? helloFirst : ''}    Properties:
      TemplateURL: countersign/template.json
      Parameters:
        ParameterPath: /countersign/${name}
        # The policy: the proxy's role may call this, and nothing else.
        ${toPolicy(plan)}
${isHello ? toHello(plan) : ''}
Outputs:
  Url:
    Value: !GetAtt Proxy.Outputs.Url
  ParameterPath:
    Value: !GetAtt Proxy.Outputs.ParameterPath
  Call:
    Value: !Sub "curl -i '\${Proxy.Outputs.Url}${toCallPath(plan)}'"
`;
}

/** A list is one text for a nested stack. */
function toPolicy(plan: AppPlan): string {
  const own = `\${AWS::AccountId}`;
  const { upstream } = plan;
  switch (upstream.kind) {
    case 'hello':
      return 'UpstreamFunctionArns: !GetAtt Hello.Arn';
    case 'function-url':
      return `UpstreamFunctionArns: ${toText(toFunctionArn(upstream.function, own))}`;
    case 'api':
      return `UpstreamApiArns: ${toText(toApiArns(upstream.url, plan, own).join(','))}`;
  }
}

function toText(arns: string): string {
  return arns.includes('${') ? `!Sub '${arns}'` : `'${arns}'`;
}

const helloFirst = `    # The first publication reads the value that the route refers to.
    DependsOn: HelloUrlValue
`;

function toHello({ name }: AppPlan): string {
  return `
  # The upstream. Its URL answers only callers that sign, and whose role may invoke it.
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs24.x
      Architectures:
        - arm64
      Handler: index.handler
      CodeUri: hello/
      FunctionUrlConfig:
        AuthType: AWS_IAM

  # routes/hello.json refers to this value, because the URL is known only after the deployment.
  HelloUrlValue:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /countersign/${name}/secrets/${helloSecret}
      Type: String
      Value: !GetAtt HelloUrl.FunctionUrl
`;
}

/** `sam deploy` needs no flag then. */
function toSettings({ name, region }: AppPlan): string {
  return `version = 0.1

[default.deploy.parameters]
stack_name = "${name}"
${region ? `region = "${region}"\n` : ''}# Uploads go to the bucket that SAM makes for the account and Region.
resolve_s3 = true
capabilities = "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND"
confirm_changeset = true
`;
}
