/**
 * The runtime client of the child process. It loads the function's module and passes it events from the Runtime API,
 * with the streaming behaviour of AWS's own client (aws-lambda-ric 4). It is bundled into one file before it runs
 * (runtime/bundle-bootstrap.ts).
 */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setDefaultHighWaterMark } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { processEnv } from '../process-env.ts';
import {
  type Handler,
  highWaterMarkOf,
  isStreaming,
  setAwsLambdaGlobal,
} from './awslambda-global.ts';
import { createContext, type InvocationContext } from './context.ts';
import { openResponseStream } from './response-stream.ts';

const { AWS_LAMBDA_RUNTIME_API: runtimeApi = '', _HANDLER: handlerName = 'index.handler' } =
  processEnv;
const { LAMBDA_TASK_ROOT: taskRoot = '.' } = processEnv;
const { hostname, port } = new URL(`http://${runtimeApi}`);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** Loads the handler and serves invocations until the Runtime API ends. */
async function run(): Promise<void> {
  // Lambda's Node 24 buffers 64 KiB before `write` returns false; Node 20 would buffer 16.
  setDefaultHighWaterMark(false, 65_536);
  setAwsLambdaGlobal();
  const handler = await loadHandler();
  // The socket's high-water mark is the stream's.
  const streamOptions = { keepAlive: true, maxSockets: 1, highWaterMark: highWaterMarkOf(handler) };
  const streamAgent = new Agent(streamOptions);
  for (;;) {
    const { event, context } = await takeNext();
    if (isStreaming(handler)) {
      await serveStreaming({ handler, streamAgent }, event, context);
    } else {
      await serveBuffered(handler, event, context);
    }
  }
}

async function loadHandler(): Promise<Handler> {
  const [file = '', name = ''] = handlerName.split('.');
  const module: Record<string, unknown> = await import(
    pathToFileURL(join(taskRoot, `${file}.mjs`)).href
  );
  const handler = module[name];
  if (typeof handler !== 'function') {
    const error = new Error(`${handlerName} is undefined or not exported`);
    error.name = 'Runtime.HandlerNotFound';
    throw error;
  }
  isStreaming(handler as Handler);
  return handler as Handler;
}

async function takeNext(): Promise<{ event: unknown; context: InvocationContext }> {
  const { headers, body } = await call('GET', 'invocation/next');
  const context = createContext(headers, processEnv);
  Object.assign(processEnv, { _X_AMZN_TRACE_ID: headers['lambda-runtime-trace-id'] ?? '' });
  return { event: JSON.parse(body), context };
}

async function serveBuffered(handler: Handler, event: unknown, context: InvocationContext) {
  const path = `invocation/${context.awsRequestId}`;
  try {
    const result = await handler(event, context);
    await call('POST', `${path}/response`, JSON.stringify(result ?? null));
  } catch (error) {
    await call('POST', `${path}/error`, JSON.stringify(report(error)));
  }
}

interface StreamingFunction {
  readonly handler: Handler;
  readonly streamAgent: Agent;
}

async function serveStreaming(
  { handler, streamAgent }: StreamingFunction,
  event: unknown,
  context: InvocationContext,
) {
  const opened = openResponseStream({
    hostname,
    port,
    requestId: context.awsRequestId,
    agent: streamAgent,
    onBroken: crash,
  });
  try {
    await handler(event, opened.stream, context);
    if (!opened.stream.writableEnded) {
      throw new Error('Response stream is not finished.');
    }
  } catch (error) {
    opened.fail(report(error));
  }
  await opened.done;
}

/**
 * Writes an error to the log, as Lambda does.
 * @returns the form of the error for the Runtime API
 */
function report(error: unknown): { errorType: string; errorMessage: string } {
  const { name, message, stack } =
    error instanceof Error ? error : { name: 'Error', message: String(error), stack: undefined };
  process.stderr.write(`${stack ?? `${name}: ${message}`}\n`);
  return { errorType: name, errorMessage: message };
}

interface Answer {
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

function call(method: string, path: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { hostname, port, method, path: `/2018-06-01/runtime/${path}`, agent },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () =>
          resolve({ headers: incoming.headers, body: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

function crash(error: unknown): never {
  report(error);
  process.exit(1);
}

// The parent process holds the other end of stdin. When it ends in any way, this process ends too.
process.stdin.once('close', () => process.exit(0)).resume();
// Ctrl-C reaches the whole process group. The parent decides in which order processes end.
process.on('SIGINT', () => undefined);
(process.stdin as NodeJS.ReadStream & { unref?: () => void }).unref?.();

run().catch(async (error: unknown) => {
  // If this call fails too, the Runtime API has ended, and the failure cannot be reported.
  await call('POST', 'init/error', JSON.stringify(report(error))).catch(() => undefined);
  process.exit(1);
});
