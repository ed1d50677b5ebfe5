/** `logs` follows the access log of a deployed proxy. */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { Command } from 'commander';
import { LOCAL_LOG_GROUP } from '../../local/logs/log-group.ts';
import { renderLogLine, toLogColour } from '../../local/start/log-lines.ts';
import type { Context } from '../context.ts';
import { type LogFilter, parseSince, toFilterPattern } from '../logs/filter.ts';
import { followLog } from '../logs/follow.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import { escapeControls } from '../terminal/json.ts';

interface LogsOptions extends LogFilter {
  readonly logGroup?: string;
  readonly since: string;
  readonly follow: boolean;
}

const pauseMs = 2000;

/** Creates `countersign logs`, which follows the access log. */
export function createLogsCommand(context: Context): Command {
  const command = new Command('logs')
    .description(
      'follow the access log in CloudWatch Logs until Ctrl-C. CloudWatch Logs applies the filters. --json prints the lines as the proxy wrote them. Of the local stack it needs no log group.',
    )
    .option(
      '--log-group <name>',
      "the function's log group (COUNTERSIGN_LOG_GROUP; the local stack’s is known)",
    )
    .option('--route <id>', 'requests of one route')
    .option('--status <status>', 'a status such as 404, or a class such as 5xx')
    .option('--error <code>', 'an error code such as UPSTREAM_TIMEOUT; * for any')
    .option('--since <time>', 'where to begin: 30s, 10m, 2h, 1d, or a time in ISO 8601', '10m')
    .option('--no-follow', 'end with the newest line')
    .action((options: LogsOptions) => logs(context, options));
  return withExamples(command, [
    { does: 'The local stack, to its newest request', run: 'npx countersign logs --no-follow' },
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
  const { isLocal, ssmEndpoint, clientConfig } = context.settings();
  const logGroup =
    options.logGroup ??
    context.env('COUNTERSIGN_LOG_GROUP') ??
    (isLocal ? LOCAL_LOG_GROUP : undefined);
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
  const config = clientConfig('CLOUDWATCH_LOGS');
  // The local stack's Parameter Store has its log, too. AWS would get the stack's invented keys.
  const endpoint = config.endpoint ?? (isLocal ? ssmEndpoint : undefined);
  const client = new CloudWatchLogsClient({ ...config, ...(endpoint && { endpoint }) });
  const { isJson, paint, write } = context.output();
  const isFollowing = options.follow;
  const { signal } = ending;
  try {
    const follow = { client, logGroup, pattern, sinceMs, isFollowing, signal, pauseMs };
    for await (const line of followLog(follow)) {
      write(`${isJson ? escapeControls(line) : paint(toLogColour(line), renderLogLine(line))}\n`);
    }
  } catch (error) {
    throw toLogsError(error, logGroup);
  }
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
    const message =
      'This endpoint has no logs: the whole local stack has them (npm start, or countersign dev).';
    return new CliError('USAGE', message, { cause: error });
  }
  return error;
}
