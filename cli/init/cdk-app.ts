/** The files of a CDK app: its program, its upstream, its route, and what npm, CDK and TypeScript need. */
import type { AppPlan } from './app-plan.ts';
import { toCallPath } from './call.ts';
import { helloFunction, helloVariable } from './hello.ts';
import { toReadme } from './readme.ts';
import { toRoute } from './route.ts';
import { toFunctionArn } from './upstream-arns.ts';
import type { AppFile } from './write-app.ts';

/** Packages of the app and their versions. */
export interface AppPackages {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The files of the app; paths are relative to its folder. */
export function toCdkApp(plan: AppPlan, packages: AppPackages): AppFile[] {
  const { routeId, upstream } = plan;
  return [
    { file: 'README.md', text: toReadme(plan, 'npx countersign') },
    { file: 'bin/app.ts', text: toProgram(plan) },
    { file: `routes/${routeId}.json`, text: toJson(toRoute(plan)) },
    ...(upstream.kind === 'hello' ? [{ file: 'hello/index.mjs', text: helloFunction }] : []),
    { file: 'package.json', text: toJson(toPackage(plan, packages)) },
    { file: 'cdk.json', text: toJson({ app: 'npx tsx bin/app.ts' }) },
    { file: 'tsconfig.json', text: toJson(tsconfig) },
    { file: '.gitignore', text: 'node_modules/\ncdk.out/\n' },
  ];
}

function toProgram(plan: AppPlan): string {
  const isHello = plan.upstream.kind === 'hello';
  return `/** The stack: the proxy, what it may call, and the routes of the folder routes/. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
${isHello ? "import * as lambda from 'aws-cdk-lib/aws-lambda';\n" : ''}import { SigningProxy } from 'countersign';

const root = join(import.meta.dirname, '..');
const app = new App();
const stack = new Stack(app, '${plan.name}'${toStackProps(plan)});
${isHello ? helloResources : ''}
const proxy = new SigningProxy(stack, 'Proxy', {
  parameterPath: '/countersign/${plan.name}',
  // The policy: the proxy's role may call this, and nothing else.
  upstreams: [${toUpstreamSource(plan)}],
});
${isHello ? helloEnvironment : ''}
// A deployment creates each route once. After that, \`npx countersign routes put\` changes it.
const files = readdirSync(join(root, 'routes')).filter((file) => file.endsWith('.json'));
for (const file of files) {
  const document = JSON.parse(readFileSync(join(root, 'routes', file), 'utf8'));
  proxy.addRoute(file.replace(/\\.json$/, ''), document);
}

new CfnOutput(stack, 'Url', { value: proxy.url });
new CfnOutput(stack, 'ParameterPath', { value: proxy.parameterPath });
new CfnOutput(stack, 'Call', { value: ${toCall(plan)} });
`;
}

function toStackProps({ account, region }: AppPlan): string {
  const env = [account && `account: '${account}'`, region && `region: '${region}'`].filter(Boolean);
  return env.length > 0 ? `, { env: { ${env.join(', ')} } }` : '';
}

function toUpstreamSource({ upstream }: AppPlan): string {
  switch (upstream.kind) {
    case 'hello':
      return 'helloUrl';
    case 'function-url':
      return toArnSource(toFunctionArn(upstream.function, ownAccount));
    case 'api':
      return `'${upstream.url}'`;
  }
}

/** The account of the stack may be known only at its deployment. */
const ownAccount = `\${stack.account}`;

function toArnSource(arn: string): string {
  return arn.includes(ownAccount) ? `\`${arn}\`` : `'${arn}'`;
}

function toCall(plan: AppPlan): string {
  return `\`curl -i '\${proxy.url}${toCallPath(plan)}'\``;
}

const helloResources = `
// The upstream. Its URL answers only callers that sign, and whose role may invoke it.
const hello = new lambda.Function(stack, 'Hello', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromAsset(join(root, 'hello')),
});
const helloUrl = hello.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
`;

const helloEnvironment = `// routes/hello.json refers to this variable, because the URL is known only after the deployment.
proxy.function.addEnvironment('${helloVariable}', helloUrl.url);
`;

function toPackage({ name, upstream }: AppPlan, packages: AppPackages): object {
  const env = upstream.kind === 'hello' ? ` --env ${helloVariable}=http://127.0.0.1:3002/` : '';
  return {
    name: toPackageName(name, packages),
    private: true,
    type: 'module',
    scripts: {
      check: 'tsc && countersign check routes',
      dev: `countersign dev .${env}`,
    },
    ...packages,
  };
}

/** npm installs no package into another one of the same name. */
function toPackageName(name: string, { dependencies, devDependencies }: AppPackages): string {
  const own = name.toLowerCase();
  const packages = { ...dependencies, ...devDependencies };
  return Object.hasOwn(packages, own) ? `${own}-app` : own;
}

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['bin'],
};

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
