/** `invoke [METHOD] URL`: a signed call straight to an IAM upstream, with the caller's own credentials. */
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { Command } from 'commander';
import { findHeader } from '../../functions/proxy/http/headers.ts';
import type { ProxyResponse } from '../../functions/proxy/http/message.ts';
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import type { Credentials } from '../../functions/proxy/sign/provider.ts';
import type { Context } from '../context.ts';
import { parseHeader } from '../explain/request.ts';
import { toCall, toCallScope } from '../invoke/request.ts';
import { adviseOnScope } from '../invoke/scope-advice.ts';
import { sendCall, toSendingError } from '../invoke/send.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';
import {
  type AskedTarget,
  addRequestOptions,
  type RequestOptions,
  readAskedTarget,
  readData,
} from './request-options.ts';

interface InvokeOptions extends RequestOptions {
  readonly include?: boolean;
  readonly service?: string;
  readonly region?: string;
  readonly timeout: string;
}

/** Creates `countersign invoke`, which signs a call with the user's own credentials. */
export function createInvokeCommand(context: Context): Command {
  const command = new Command('invoke')
    .description(
      "call an IAM-protected URL, signed with your own credentials, and stream the response to stdout. This is the call that the proxy makes, without the proxy. Service and region follow from an AWS host's name. For a host that is neither AWS's nor on this machine, --service and --region are required.",
    )
    .option('-i, --include', 'print status and headers before the body')
    .option('--service <name>', 'service to sign for, such as lambda or execute-api')
    .option('--timeout <seconds>', 'longest wait for the answer, and silence inside it', '30')
    .action((method: string | undefined, url: string | undefined, _: unknown, own: Command) => {
      const options = own.optsWithGlobals<InvokeOptions>();
      return invoke(context, readAskedTarget([method, url], options), options);
    });
  return withExamples(addRequestOptions(command, 'absolute URL'), [
    {
      does: "Call the local stack's greeter past the proxy",
      run: "npx countersign invoke GET 'http://127.0.0.1:3002/?name=you' --service lambda",
    },
    {
      does: 'A function URL: its host names region and service',
      run: "npx countersign invoke POST https://abcdefghij.lambda-url.eu-west-1.on.aws/orders -H 'content-type: application/json' -d @order.json -i",
    },
  ]);
}

async function invoke(
  context: Context,
  { method, url }: AskedTarget,
  { header = [], data, include = false, service, region, timeout }: InvokeOptions,
): Promise<void> {
  const timeoutMs = Number(timeout) * 1000;
  if (!(timeoutMs > 0)) throw new CliError('USAGE', '--timeout: expected a number of seconds.');
  const body = await readData(data, context.host);
  const headers = header.map(parseHeader);
  const call = toCall({ method, url, headers, body, service, region });
  const { target } = call;
  const ownRegion = target.endpointRegion ?? (await context.region());
  const scope = toCallScope({ service, region }, target, ownRegion);
  const credentials: Credentials = await context.ssm().config.credentials();
  const response = await context
    .output()
    .during(`Waiting for ${target.host}`, () => sendCall(call, { scope, credentials, timeoutMs }));
  try {
    await print(context, response, include);
  } catch (error) {
    throw toSendingError(error, target.host);
  }
  if (response.status < 400) return;
  context.setExitCode('FOUND');
  const errorType = findHeader(response.headers, 'x-amzn-errortype');
  if (errorType === undefined) return;
  const { accessKeyId } = credentials;
  const output = context.output();
  output.note(
    `${errorType}: the call was signed with ${accessKeyId} for region ${scope.region} and service ${scope.service}.`,
  );
  const advice = adviseOnScope(errorType, target, scope);
  if (advice !== undefined) output.note(advice);
}

async function print(context: Context, response: ProxyResponse, withHead: boolean): Promise<void> {
  const output = context.output();
  const { status, headers, body } = response;
  if (output.isJson) {
    output.result({ status, headers, ...toJsonBody(await gatherBody(response)) }, () => '');
    return;
  }
  const { stdout } = context.host;
  if (withHead) {
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
    output.write(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n`);
  }
  for await (const chunk of body) {
    if (!stdout.write(chunk as Buffer)) await once(stdout, 'drain');
  }
}

/** Returns text unchanged, and other bytes as base64. */
function toJsonBody(bytes: Buffer): { readonly body: string; readonly isBase64Encoded: boolean } {
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  return { body: isText ? text : bytes.toString('base64'), isBase64Encoded: !isText };
}
