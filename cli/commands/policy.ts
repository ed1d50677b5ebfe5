/** `policy`: the least that the role must be allowed for the routes in force, against what it is allowed. */
import { IAMClient } from '@aws-sdk/client-iam';
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { comparePolicies } from '../policy/compare.ts';
import { toPolicyDocument } from '../policy/needs.ts';
import { renderReport } from '../policy/render.ts';
import { readRole, readRolePolicies } from '../policy/role.ts';
import { workOutNeeds } from '../policy/work-out.ts';
import { openTable } from '../rehearsal/open-table.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { collect } from './request-options.ts';

interface PolicyOptions {
  readonly role?: string;
  readonly account?: string;
  readonly function?: readonly string[];
  readonly lookup: boolean;
  readonly snapshot?: string;
}

/**
 * Creates `countersign policy`, which prints the IAM policy that the routes need. It fails with `FOUND` if the role
 * lacks a permission.
 */
export function createPolicyCommand(context: Context): Command {
  const command = new Command('policy')
    .summary('the least-privilege IAM policy that the routes need')
    .description(
      "print the least-privilege IAM policy that the routes in force need, and compare it with a role's. A function URL's host does not name its function: Lambda's API is asked for it, or you say it with --function.",
    )
    .option('--role <name>', "the function's execution role, to compare with")
    .option('--account <id>', "the role's account")
    .option('--function <host=arn>', 'whose a function URL is; may be repeated', collect)
    .option(
      '--snapshot <uri>',
      'the output SnapshotUri; a proxy without it reads Parameter Store itself',
    )
    .option('--no-lookup', 'do not ask Lambda whose the function URLs are')
    .action((options: PolicyOptions) => policy(context, options));
  return withExamples(command, [
    { does: 'What the routes need', run: 'npx countersign policy' },
    {
      does: 'What a role lacks, and what it has too much; exit status 1 if it lacks anything',
      run: 'npx countersign policy --role countersign-proxy',
    },
    {
      does: 'The same for a proxy that reads a snapshot: the output SnapshotUri of its stack',
      run: 'npx countersign policy --role countersign-proxy --snapshot s3://snapshots/v1/countersign/prod',
    },
  ]);
}

async function policy(context: Context, options: PolicyOptions): Promise<void> {
  const iam = new IAMClient(context.settings().clientConfig('IAM'));
  const role = options.role === undefined ? undefined : await readRole(iam, options.role);
  const account = readAccount(options.account) ?? role?.account;
  const given = { given: options.function ?? [], isLookedUp: options.lookup };
  const opened = await openTable(context);
  const { snapshot } = options;
  const work = { opened, account, snapshot, ...given };
  const { needs, remarks } = await workOutNeeds(context, work);
  const comparison =
    options.role === undefined
      ? undefined
      : comparePolicies(needs.role, await readRolePolicies(iam, options.role));
  if (role?.boundary !== undefined) {
    remarks.push(`The permissions boundary ${role.boundary} may take away what policies give.`);
  }
  const compared =
    comparison && options.role !== undefined ? { role: options.role, comparison } : undefined;
  const { result, paint } = context.output();
  result(
    {
      policy: toPolicyDocument(needs.role),
      assumedRoles: Object.fromEntries(
        [...needs.assumed].map(([arn, own]) => [arn, toPolicyDocument(own)]),
      ),
      unresolved: needs.unresolved,
      remarks,
      ...comparison,
    },
    () => renderReport({ needs, remarks, compared }, paint),
  );
  if (comparison && comparison.missing.length > 0) context.setExitCode('FOUND');
}

function readAccount(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{12}$/.test(text)) return text;
  throw new CliError('USAGE', `--account: found ${text}, expected twelve digits.`);
}
