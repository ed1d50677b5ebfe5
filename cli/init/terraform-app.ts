/** The files of a Terraform app: a root module around that of the release, the route and the upstream. */
import type { AppPlan } from './app-plan.ts';
import { toCallPath } from './call.ts';
import { helloSecret } from './hello.ts';
import { toReadme } from './readme.ts';
import { toRoute } from './route.ts';
import { toApiArns, toFunctionArn } from './upstream-arns.ts';
import type { AppFile } from './write-app.ts';

/** What the app has besides its own texts. */
export interface TerraformParts {
  /** The module of a release, with its zips. */
  readonly released: readonly AppFile[];
  /** The zip of the function to call, for an app that has one. */
  readonly helloZip: Uint8Array;
  /** What runs the CLI in a shell, such as `npx countersign`. */
  readonly cli: string;
}

/** The files of the app; paths are relative to its folder. */
export function toTerraformApp(plan: AppPlan, parts: TerraformParts): AppFile[] {
  const { routeId, upstream } = plan;
  const isHello = upstream.kind === 'hello';
  return [
    { file: 'README.md', text: toReadme(plan, parts.cli) },
    { file: 'main.tf', text: toMain(plan) },
    ...(isHello ? [{ file: 'hello.tf', text: helloResources }] : []),
    ...(isHello ? [{ file: 'hello.zip', text: parts.helloZip }] : []),
    { file: `routes/${routeId}.json`, text: `${JSON.stringify(toRoute(plan), null, 2)}\n` },
    { file: '.gitignore', text: '.terraform/\n*.tfstate\n*.tfstate.*\n' },
    ...parts.released.map(({ file, text }) => ({ file: `countersign/${file}`, text })),
  ];
}

function toMain(plan: AppPlan): string {
  const { name, upstream } = plan;
  const isHello = upstream.kind === 'hello';
  const text = `# The proxy, what it may call, and the routes of the folder routes/. countersign/ is the module, as released.
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.28.0"
    }
  }
}

provider "aws" {${toProvider(plan)}}

locals {
  name           = "${name}"
  parameter_path = "/countersign/${name}"
}

module "proxy" {
  source = "./countersign"

  name           = local.name
  parameter_path = local.parameter_path

  # The policy: the proxy's role may call this, and nothing else.
  ${toPolicy(plan)}

  # Each file is a parameter that Terraform owns: an edit elsewhere is undone by the next apply.
  routes = {
    for file in fileset("\${path.module}/routes", "*.json") :
    trimsuffix(file, ".json") => file("\${path.module}/routes/\${file}")
  }
${isHello ? helloFirst : ''}}

output "url" {
  value = module.proxy.url
}

output "call" {
  value = "curl -i '\${module.proxy.url}${toCallPath(plan)}'"
}
`;
  return text.includes(own) ? `${text}\n${caller}` : text;
}

const own = `\${data.aws_caller_identity.current.account_id}`;
const caller = `data "aws_caller_identity" "current" {}
`;

function toProvider({ account, region }: AppPlan): string {
  const settings = [
    ...(region ? [['region', `"${region}"`]] : []),
    ...(account ? [['allowed_account_ids', `["${account}"]`]] : []),
  ] as const;
  if (settings.length === 0) return '';
  const width = Math.max(...settings.map(([name = '']) => name.length));
  const lines = settings.map(([name = '', value]) => `  ${name.padEnd(width)} = ${value}\n`);
  return `\n${lines.join('')}`;
}

function toPolicy(plan: AppPlan): string {
  const { upstream } = plan;
  switch (upstream.kind) {
    case 'hello':
      return 'upstream_function_arns = [aws_lambda_function.hello.arn]';
    case 'function-url':
      return `upstream_function_arns = ["${toFunctionArn(upstream.function, own)}"]`;
    case 'api':
      return `upstream_api_arns = [${toApiArns(upstream.url, plan, own)
        .map((arn) => `"${arn}"`)
        .join(', ')}]`;
  }
}

const helloFirst = `
  # The first publication reads the value that the route refers to.
  depends_on = [aws_ssm_parameter.hello_url]
`;

const helloResources = `# The upstream: hello.zip has its index.mjs. Its URL answers only callers that sign, and whose role may invoke it.
# Replace it by a function of yours.
resource "aws_lambda_function" "hello" {
  function_name    = "\${local.name}-hello"
  role             = aws_iam_role.hello.arn
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  handler          = "index.handler"
  filename         = "\${path.module}/hello.zip"
  source_code_hash = filebase64sha256("\${path.module}/hello.zip")
}

resource "aws_lambda_function_url" "hello" {
  function_name      = aws_lambda_function.hello.function_name
  authorization_type = "AWS_IAM"
}

# routes/hello.json refers to this value, because the URL is known only after the deployment.
resource "aws_ssm_parameter" "hello_url" {
  name  = "\${local.parameter_path}/secrets/${helloSecret}"
  type  = "String"
  value = aws_lambda_function_url.hello.function_url
}

resource "aws_iam_role" "hello" {
  name = "\${local.name}-hello"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "hello_log" {
  role       = aws_iam_role.hello.name
  policy_arn = "arn:\${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

data "aws_partition" "current" {}
`;
