/** `doctor` runs one check after the other, and says what to do about each failure. */
import { IAMClient } from '@aws-sdk/client-iam';
import { Command } from 'commander';
import { type Context, toShellWord } from '../context.ts';
import { judgeDocuments } from '../doctor/documents.ts';
import { checkEndpoint } from '../doctor/endpoint.ts';
import { countFindings, type Finding, judgeClock, type ServerTime } from '../doctor/finding.ts';
import { checkRole, readRole } from '../doctor/role.ts';
import { distinctUpstreams, probeUpstream } from '../doctor/upstreams.ts';
import { workOutNeeds } from '../policy/work-out.ts';
import { loadTable, type RehearsedTable } from '../rehearsal/load-table.ts';
import { listUpstreams } from '../rehearsal/upstreams.ts';
import { toCliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { toPlain } from '../terminal/table.ts';
import { collect, readVariables } from './request-options.ts';

interface DoctorOptions {
  readonly url?: string;
  readonly role?: string;
  readonly function?: readonly string[];
  readonly probe: boolean;
  readonly snapshot?: string;
  readonly env?: readonly string[];
}

/** Creates `countersign doctor`. It fails with `FOUND` if a check fails. */
export function createDoctorCommand(context: Context): Command {
  const command = new Command('doctor')
    .description(
      'check a proxy from end to end: documents, URL, table, role, upstreams, clock. Each line says ok, or what to do; the exit status is 1 if anything failed. Every upstream gets one HEAD request, signed with your own credentials.',
    )
    .option('--url <url>', "the proxy's own URL")
    .option('--role <name>', "the function's execution role, for IAM's simulator")
    .option('--function <host=arn>', 'whose a function URL is; may be repeated', collect)
    .option('--snapshot <uri>', "the stack's output SnapshotUri, if the proxy reads a snapshot")
    .option(
      '--env <NAME=VALUE>',
      'a variable of the function, for $env:// references; may be repeated',
      collect,
    )
    .option('--no-probe', 'do not call the upstreams')
    .action((options: DoctorOptions) => doctor(context, options));
  return withExamples(command, [
    {
      does: 'The local stack',
      run: 'npx countersign doctor --url http://127.0.0.1:3000',
    },
    {
      does: 'A deployed proxy, without a call to its upstreams',
      run: 'npx countersign doctor --url https://abcdefghij.lambda-url.eu-west-1.on.aws --role countersign-proxy --no-probe',
    },
  ]);
}

async function doctor(context: Context, options: DoctorOptions): Promise<void> {
  const output = context.output();
  const findings: Finding[] = [];
  for await (const finding of examine(context, options)) {
    findings.push(finding);
    if (!output.isJson) output.write(`${renderFinding(finding, output.paint)}\n`);
  }
  const hasFailed = findings.some(({ status }) => status === 'failed');
  output.tell(`\n${countFindings(findings)}`);
  if (output.isJson) output.result({ isHealthy: !hasFailed, findings }, () => '');
  if (hasFailed) context.setExitCode('FOUND');
}

async function* examine(context: Context, options: DoctorOptions): AsyncGenerator<Finding> {
  const times: ServerTime[] = [];
  const loaded = await loadOrFail(context, readVariables(options.env ?? []));
  if ('check' in loaded) yield loaded;
  else {
    const { root } = context.settings();
    yield* judgeDocuments(loaded, { root: root(), commandLine: context.commandLine });
  }
  const table = 'check' in loaded ? undefined : loaded;
  if (options.url === undefined) {
    const todo = 'Give --url: the output Url of the deployment.';
    yield { check: 'endpoint', status: 'skipped', text: 'no URL is named', todo };
  } else {
    const { url } = options;
    const report = await context.output().during(`Asking ${url}`, () => checkEndpoint(url, table));
    times.push(...report.times);
    yield* report.findings;
  }
  if (table) {
    yield* examineRole(context, table, options);
    yield* examineUpstreams(context, table, { ...options, times });
  }
  yield judgeClock(times);
}

/** The other checks can run without documents. */
async function loadOrFail(
  context: Context,
  variables: Readonly<Record<string, string>>,
): Promise<RehearsedTable | Finding> {
  context.settings().root();
  try {
    return await context
      .output()
      .during('Reading the documents', () => loadTable(context, variables));
  } catch (error) {
    const { code, message, hint } = toCliError(error);
    if (code !== 'AWS') throw error;
    const text = `not readable: ${message}`;
    return { check: 'parameters', status: 'failed', text, ...(hint ? { todo: hint } : {}) };
  }
}

async function* examineRole(
  context: Context,
  loaded: RehearsedTable,
  { role, snapshot, function: given = [] }: DoctorOptions,
): AsyncGenerator<Finding> {
  if (role === undefined) {
    const todo = "Give --role: the name of the function's execution role.";
    yield { check: 'role', status: 'skipped', text: 'no role is named', todo };
    return;
  }
  try {
    const iam = new IAMClient(context.settings().clientConfig('IAM'));
    const { arn, account } = await readRole(iam, role);
    const isLookedUp = true;
    const { needs, remarks } = await context
      .output()
      .during('Looking for the functions of the URLs', () =>
        workOutNeeds(context, { loaded, account, snapshot, given, isLookedUp }),
      );
    for (const text of remarks) yield { check: 'role', status: 'skipped', text };
    const uri = snapshot === undefined ? '' : ` --snapshot ${toShellWord(snapshot)}`;
    const policyCommand = context.commandLine(`policy --account ${account}${uri}`);
    yield* await checkRole({ iam, roleArn: arn, needs, policyCommand });
  } catch (error) {
    const { message, hint } = toCliError(error);
    yield { check: 'role', status: 'failed', text: message, ...(hint ? { todo: hint } : {}) };
  }
}

async function* examineUpstreams(
  context: Context,
  loaded: RehearsedTable,
  { probe, times }: DoctorOptions & { readonly times: ServerTime[] },
): AsyncGenerator<Finding> {
  if (!probe) {
    yield { check: 'upstream', status: 'skipped', text: 'not called (--no-probe)' };
    return;
  }
  const { allowedHosts } = context.settings();
  const upstreams = listUpstreams(loaded, { region: await context.region(), allowedHosts });
  const credentials = await context.ssm().config.credentials();
  for (const upstream of distinctUpstreams(upstreams)) {
    const doing = `Asking ${upstream.target.host}`;
    const { finding, time } = await context
      .output()
      .during(doing, () => probeUpstream(upstream, credentials));
    if (time) times.push(time);
    yield finding;
  }
}

const styles = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

function renderFinding(
  { check, status, text, todo }: Finding,
  paint: ReturnType<Context['output']>['paint'],
): string {
  const line = `${paint(styles[status], status.padEnd(7))}  ${check.padEnd(10)}  ${toPlain(text)}`;
  return todo === undefined ? line : `${line}\n${' '.repeat(21)}→ ${toPlain(todo)}`;
}
