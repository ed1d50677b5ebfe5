/** `policy` prints the minimal permissions that the execution role needs for the routes in force. */
import { Command } from 'commander';
import type { Context } from '../context.ts';
import { toPolicyDocument } from '../policy/needs.ts';
import { renderReport } from '../policy/render.ts';
import { workOutNeeds } from '../policy/work-out.ts';
import { loadTable } from '../rehearsal/load-table.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { collect } from './request-options.ts';

interface PolicyOptions {
  readonly account?: string;
  readonly function?: readonly string[];
  readonly lookup: boolean;
  readonly snapshot?: string;
}

/** Creates `countersign policy`, which prints the IAM policy that the routes need. */
export function createPolicyCommand(context: Context): Command {
  const command = new Command('policy')
    .description(
      "print the least-privilege IAM policy that the routes in force need. The host of a function URL does not name its function: the command asks Lambda's API for it, or you give it with --function. To check whether a role has these permissions, use doctor --role.",
    )
    .option('--account <id>', "the role's account")
    .option('--function <host=arn>', 'whose a function URL is; may be repeated', collect)
    .option('--snapshot <uri>', "the stack's output SnapshotUri, if the proxy reads a snapshot")
    .option('--no-lookup', 'do not ask Lambda whose the function URLs are')
    .action((options: PolicyOptions) => policy(context, options));
  return withExamples(command, [
    { does: 'What the routes need', run: 'npx countersign policy' },
    {
      does: 'The same for a proxy that reads a snapshot: the output SnapshotUri of its stack',
      run: 'npx countersign policy --snapshot s3://snapshots/v1/countersign/prod',
    },
  ]);
}

async function policy(context: Context, options: PolicyOptions): Promise<void> {
  const account = readAccount(options.account);
  const given = { given: options.function ?? [], isLookedUp: options.lookup };
  const loaded = await loadTable(context);
  const { snapshot } = options;
  const { needs, remarks } = await workOutNeeds(context, { loaded, account, snapshot, ...given });
  const { result, paint } = context.output();
  result(
    {
      policy: toPolicyDocument(needs.role),
      assumedRoles: Object.fromEntries(
        [...needs.assumed].map(([arn, own]) => [arn, toPolicyDocument(own)]),
      ),
      unresolved: needs.unresolved,
      remarks,
    },
    () => renderReport({ needs, remarks }, paint),
  );
}

function readAccount(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{12}$/.test(text)) return text;
  throw new CliError('USAGE', `--account: found ${text}, expected twelve digits.`);
}
