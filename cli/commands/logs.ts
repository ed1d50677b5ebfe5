/** `logs` follows the access log of a deployed proxy. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { Command } from 'commander';
import { renderLogLine } from '../../local/start/log-lines.ts';
import type { Context } from '../context.ts';
import { type LogFilter, parseSince, toFilterPattern } from '../logs/filter.ts';
import { followLog } from '../logs/follow.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { escapeControls } from '../terminal/json.ts';
import type { Paint } from '../terminal/output.ts';
import { toPlain } from '../terminal/table.ts';

interface LogsOptions extends LogFilter {
  readonly logGroup?: string;
  readonly since: string;
  readonly follow: boolean;
}

const pauseMs = 2000;

/** Creates `countersign logs`, which follows the access log. */
export function createLogsCommand(context: Context): Command {
  const command = new Command('logs')
    .summary('follow the access log in CloudWatch Logs')
    .description(
      'follow the access log in CloudWatch Logs until Ctrl-C. CloudWatch Logs applies the filters. --json prints the lines as the proxy wrote them. This command cannot read the log of the local stack, which npm start prints.',
    )
    .option('--log-group <name>', "the function's log group (COUNTERSIGN_LOG_GROUP)")
    .option('--route <id>', 'requests of one route')
    .option('--status <status>', 'a status such as 404, or a class such as 5xx')
    .option('--error <code>', 'an error code such as UPSTREAM_TIMEOUT; * for any')
    .option('--since <time>', 'where to begin: 30s, 10m, 2h, 1d, or a time in ISO 8601', '10m')
    .option('--no-follow', 'end with the newest line')
    .action((options: LogsOptions) => logs(context, options));
  return withExamples(command, [
    {
      does: 'Requests that fail with an error of the proxy, from now on',
      run: "npx countersign logs --log-group /aws/lambda/proxy --error '*' --since 0s",
    },
    {
      does: 'What went wrong on one route in the last two hours',
      run: 'npx countersign logs --log-group /aws/lambda/proxy --route hello --status 5xx --since 2h --no-follow',
    },
  ]);
}

async function logs(context: Context, options: LogsOptions): Promise<void> {
  const pattern = toFilterPattern(options);
  const sinceMs = parseSince(options.since, Date.now());
  const logGroup = options.logGroup ?? context.env('COUNTERSIGN_LOG_GROUP');
  if (!logGroup) {
    throw new CliError('USAGE', 'Which log? No log group is set.', {
      hint: 'Give --log-group, or set COUNTERSIGN_LOG_GROUP. To find the name: aws lambda get-function-configuration --function-name <name> --query LoggingConfig.LogGroup',
    });
  }
  const ending = new AbortController();
  context.host.onInterrupt?.(() => {
    context.setExitCode('INTERRUPTED');
    ending.abort();
  });
  const { isLocal, clientConfig } = context.settings();
  const config = clientConfig('CLOUDWATCH_LOGS');
  // Otherwise the local stack's invented keys would be sent to AWS.
  if (isLocal && config.endpoint === undefined) throw noLogs();
  const client = new CloudWatchLogsClient(config);
  const { isJson, paint, write } = context.output();
  const isFollowing = options.follow;
  const { signal } = ending;
  try {
    const follow = { client, logGroup, pattern, sinceMs, isFollowing, signal, pauseMs };
    for await (const line of followLog(follow)) {
      write(`${isJson ? escapeControls(line) : paintLine(toOneLine(line), line, paint)}\n`);
    }
  } catch (error) {
    throw toLogsError(error, logGroup);
  }
}

/** Clients choose the path, so it may contain control characters or line breaks. */
function toOneLine(line: string): string {
  return toPlain(renderLogLine(line)).replaceAll(/[\n\t]/g, ' ');
}

/** Prints server errors in red and client errors in yellow. */
function paintLine(rendered: string, line: string, paint: Paint): string {
  const status = Number(/"status":(\d{3})/.exec(line)?.[1]);
  if (status >= 500) return paint('red', rendered);
  return status >= 400 ? paint('yellow', rendered) : rendered;
}

function toLogsError(error: unknown, logGroup: string): unknown {
  const { name } = error instanceof Error ? error : { name: '' };
  if (name === 'ResourceNotFoundException') {
    return new CliError(
      'NOT_FOUND',
      `There is no log group ${logGroup} in this account and region.`,
      {
        hint: 'aws lambda get-function-configuration --function-name <name> --query LoggingConfig.LogGroup',
        cause: error,
      },
    );
  }
  if (name === 'UnknownOperationException') {
    return noLogs(error);
  }
  return error;
}

function noLogs(cause?: unknown): CliError {
  const message = 'This endpoint has no logs: npm start prints the log of the local stack.';
  return new CliError('USAGE', message, { cause });
}
