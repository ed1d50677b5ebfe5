/** What README.md says about one tool. */
import type { AppPlan } from './app-plan.ts';
import { helloSecret } from './hello.ts';

/** Pieces of the README. */
export interface ReadmePart {
  /** Files with what is in them, without the route's. */
  readonly files: readonly (readonly [file: string, what: string])[];
  readonly deploy: string;
  readonly local: string;
  readonly change: string;
  /** Where the documentation is. */
  readonly pages: string;
  /** The setting by which the proxy refuses open routes, and where it stands. */
  readonly guard: string;
  /** The setting that limits how many copies of the proxy run, and where it stands. */
  readonly limit: string;
  /** How a later release replaces this one: a last section, or nothing. */
  readonly upgrade: string;
}

const local = 'http://127.0.0.1:3002/';

/** For CDK. */
export function toCdkPart(plan: AppPlan): ReadmePart {
  return {
    files: [
      ['bin/app.ts', 'the stack: the proxy and its policy, that is, what its role may call'],
      ...(plan.upstream.kind === 'hello'
        ? [['hello/index.mjs', 'the function that the proxy calls'] as const]
        : []),
    ],
    deploy: `\`\`\`sh
npm install
npx cdk bootstrap
npx cdk deploy
\`\`\`

\`bootstrap\` is needed once for each account and Region. At the end \`deploy\` prints the output \`Call\`, a \`curl\` line. Paste it.`,
    local: `\`\`\`sh
npm run check
npm run dev
\`\`\`

\`check\` compiles the app and checks the documents. ${describeDev}`,
    change: `\`\`\`sh
${toPutCommand(plan, 'npx countersign')}
\`\`\`

${describePut} A deployment creates each document once and never
overwrites it.`,
    pages:
      'All pages are in\n`node_modules/countersign/docs`: `route-documents.md` describes every field of a document.',
    guard: '`requireAccessPlugin: true` in `bin/app.ts`',
    limit: '`reservedConcurrentExecutions` in `bin/app.ts`',
    upgrade: '',
  };
}

/** For SAM. */
export function toSamPart(plan: AppPlan, cli: string): ReadmePart {
  const put = toPutCommand(plan, cli);
  return {
    files: [
      ['template.yaml', 'the stack: the proxy and its policy, that is, what its role may call'],
      ['samconfig.toml', 'settings of `sam deploy`'],
      ['countersign/', 'the template of the proxy and its code, as released'],
      ...(plan.upstream.kind === 'hello'
        ? [['hello/index.mjs', 'the function that the proxy calls'] as const]
        : []),
    ],
    deploy: `\`\`\`sh
sam deploy
${put}
aws cloudformation describe-stacks --stack-name ${plan.name}${toRegion(plan)} --output text --query "Stacks[0].Outputs[?OutputKey=='Call'].OutputValue"
\`\`\`

\`sam deploy\` lists what it will make, and asks. There is nothing to build. The second command writes the route, and asks. The last one prints a
\`curl\` line. Paste it.`,
    local: toLocalCommands(cli, plan.upstream.kind === 'hello'),
    change: `\`\`\`sh
${put}
\`\`\`

${describePut} A deployment never touches it.`,
    pages: toPages(cli),
    guard: "`RequireAccessPlugin: 'true'` among the parameters in `template.yaml`",
    limit: '`ReservedConcurrency` there',
    upgrade: toUpgrade(cli, 'sam'),
  };
}

/** For Terraform. */
export function toTerraformPart({ upstream }: AppPlan, cli: string): ReadmePart {
  return {
    files: [
      ['main.tf', 'the proxy and its policy, that is, what its role may call, and its routes'],
      ['countersign/', 'the module of the proxy and its code, as released'],
      ...(upstream.kind === 'hello'
        ? [['hello.tf', 'the function that the proxy calls; `hello.zip` is its code'] as const]
        : []),
    ],
    deploy: `\`\`\`sh
terraform init
terraform apply
\`\`\`

\`apply\` lists what it will make, and asks. The output \`call\` is a \`curl\` line (\`terraform output -raw call\`). Paste it. Keep the state
where your team keeps it: add a \`backend\` to \`main.tf\`.`,
    local: toLocalCommands(cli, upstream.kind === 'hello'),
    change: `\`\`\`sh
terraform apply
\`\`\`

The route is in force within seconds. Terraform owns the documents of \`routes/\`: it undoes an edit elsewhere. Where operators write routes,
remove \`routes\` from the module.`,
    pages: toPages(cli),
    guard: '`require_access_plugin = true` in the module',
    limit: '`reserved_concurrency` in the module',
    upgrade: toUpgrade(cli, 'terraform'),
  };
}

const describeDev = `\`dev\` runs the proxy on http://127.0.0.1:3000 with the documents of \`routes/\`, checks
each change of a file, and takes it over.`;
const describePut =
  'The command shows what changes, and asks. The route is in force within seconds.';

function toLocalCommands(cli: string, isHello: boolean): string {
  return `\`\`\`sh
${cli} check routes
${cli} dev .${isHello ? ` --secret ${helloSecret}=${local}` : ''}
\`\`\`

\`check\` checks the documents. ${describeDev}`;
}

function toPages(cli: string): string {
  return `The folder \`docs\` of the npm
package \`countersign\` has all pages: \`route-documents.md\` describes every field of a document. This writes JSON Schemas for your editor:

\`\`\`sh
${cli} schema --out schema
\`\`\``;
}

function toUpgrade(cli: string, tool: 'sam' | 'terraform'): string {
  const later = cli.replace(/^npx countersign$/, '$&@latest').replace(/-[\d.]+\.tgz/, '-X.Y.Z.tgz');
  return `
## A later release

\`init\` of a later release writes its files into an empty folder. Replace \`countersign/\` by the one from there, and deploy:

\`\`\`sh
${later} init ../later --with ${tool} --yes
rm -r countersign && mv ../later/countersign .
\`\`\`
`;
}

/** The command that writes the routes of the app. */
export function toPutCommand(plan: AppPlan, cli: string): string {
  return `${cli} routes put routes/ --path /countersign/${plan.name}${toRegion(plan)}`;
}

function toRegion({ region }: AppPlan): string {
  return region ? ` --region ${region}` : '';
}
