/** `init`: a small app for CDK, SAM or Terraform, with a proxy, one route and its policy. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { createChecker } from '../check/checker.ts';
import { renderIssue } from '../check/report.ts';
import { assumeSources } from '../check/sources.ts';
import { type Context, toShellWord } from '../context.ts';
import { readAnswers } from '../init/answers.ts';
import { type AppPlan, assertStackName, toAppPlan } from '../init/app-plan.ts';
import { toApp } from '../init/apps.ts';
import { findPackageSource } from '../init/package-source.ts';
import { type RawAnswers, tools, upstreamKinds } from '../init/questions.ts';
import { toRoute } from '../init/route.ts';
import { type AppFile, writeApp } from '../init/write-app.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';

interface InitOptions extends Omit<RawAnswers, 'region'> {
  readonly name?: string;
  readonly uri?: string;
  readonly package?: string;
  readonly yes?: boolean;
}

/** Creates `countersign init`. It fails with `CONFLICT` if a file is in the way, and never writes a part of the app. */
export function createInitCommand(context: Context): Command {
  const command = new Command('init')
    .description(
      'write a small app for CDK, SAM or Terraform: a proxy, one route, and the policy that the route needs. It asks what deploys the app, what the proxy shall call, and for account and Region; each question has a flag. It overwrites nothing.',
    )
    .argument('[folder]', 'where to write it', '.')
    .addOption(new Option('--with <tool>', 'what deploys the app').choices(tools))
    .addOption(new Option('--upstream <kind>', 'what the proxy calls').choices(upstreamKinds))
    .option('--url <url>', 'the function URL, or the URL of the API with its stage')
    .option('--function <name>', 'name or ARN of the function behind a function URL')
    .option('--account <id>', 'account of the proxy (that of the credentials; always for SAM)')
    .option('--name <name>', 'name of the stack or module (the folder’s)')
    .option('--uri <uri>', 'path of the route (/hello for the app’s own function, else /*)')
    .option('--package <source>', 'where npm gets countersign from (where this CLI came from)')
    .option('-y, --yes', 'take the defaults, and do not ask')
    .action((folder: string, options: InitOptions, own: Command) =>
      init(context, folder, { ...options, ...readRegion(own) }),
    );
  return withExamples(command, [
    { does: 'Asks, and writes into a new folder', run: 'npx countersign init gateway' },
    {
      does: 'With a function of its own to call, without a question',
      run: 'npx countersign init gateway --yes',
    },
    { does: 'With SAM', run: 'npx countersign init gateway --yes --with sam' },
    {
      does: 'For a function URL of yours',
      run: 'npx countersign init gateway --yes --url https://abcdefghij.lambda-url.eu-west-1.on.aws/ --function orders',
    },
  ]);
}

/** `--region` belongs to all commands, so commander keeps it with the program's options. */
function readRegion(own: Command): Pick<RawAnswers, 'region'> {
  const { region } = own.optsWithGlobals<{ region?: string }>();
  return region === undefined ? {} : { region };
}

async function init(
  context: Context,
  folder: string,
  options: InitOptions & Pick<RawAnswers, 'region'>,
): Promise<void> {
  const { name, uri, package: source = findSource(folder), ...given } = options;
  if (name !== undefined) assertStackName(name);
  const region = context.env('AWS_REGION') ?? context.env('AWS_DEFAULT_REGION');
  const answers = await readAnswers(context, { given, yes: options.yes ?? false, region });
  const plan = toAppPlan(answers, { name, uri, folderName: basename(resolve(folder)) });
  await assertRoute(context, plan);
  const { files, next } = toApp(plan, source);
  writeApp(context.host, folder, files);
  report(context, folder, { files, next, source });
}

function findSource(folder: string): string {
  const { version } = packageJson;
  return findPackageSource({ here: import.meta.dirname, folder, version });
}

/** The path of the route is the person's own, so the proxy's code judges it before anything is written. */
async function assertRoute(context: Context, plan: AppPlan): Promise<void> {
  const root = `/countersign/${plan.name}`;
  const sources = assumeSources(context.settings().rules(root));
  const checker = await createChecker(context, sources);
  const text = JSON.stringify(toRoute(plan));
  const { issues } = await checker.check({ parameter: `${root}/routes/${plan.routeId}`, text });
  if (issues.length === 0) return;
  const reasons = issues.map((issue) => renderIssue('the route', issue)).join('\n');
  throw new CliError('INVALID', `The route would be invalid; nothing was written.\n${reasons}`);
}

interface Written {
  readonly files: readonly AppFile[];
  /** The commands that follow, in the folder. */
  readonly next: readonly string[];
  /** Where npm gets this package from. */
  readonly source: string;
}

function report(context: Context, folder: string, written: Written): void {
  const { files, source } = written;
  const output = context.output();
  const paths = files.map(({ file }) => join(folder, file));
  const isHere = resolve(folder) === resolve('.');
  const next = [...(isHere ? [] : [`cd ${toShellWord(folder)}`]), ...written.next];
  for (const path of paths) output.tell(path);
  const tarball = resolve(folder, source.replace(/^file:/, ''));
  if (source.startsWith('file:') && !existsSync(tarball)) {
    output.warn(`${tarball} is missing: run npm pack in ${dirname(tarball)} first.`);
  }
  output.note(`\nNext:\n${next.map((line) => `  ${line}`).join('\n')}`);
  output.note('The route is open: README.md says how to protect it before others call it.');
  output.reply({ folder, files: paths, next });
}
