/** A Parameter Store with two trees, and an upstream whose paths determine size and pace of the response. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { consumer, toPluginMix } from './plugin-mix.ts';

export interface PeerAddress {
  readonly host: string;
  readonly ssmPort: number;
  readonly upstreamPort: number;
}

/** Epoch ms, with fractions, of the first arrivals since the last request for marks; undefined if there were none. */
export interface Marks {
  readonly ssmAtMs?: number;
  readonly upstreamAtMs?: number;
}

const host = '127.0.0.1';
const chunk = Buffer.alloc(64 * 1024, 'countersign ');
let marks: { ssmAtMs?: number; upstreamAtMs?: number } = {};

const nowMs = () => performance.timeOrigin + performance.now();

const upstreamPort = await listen(answerAsUpstream);
const ssmPort = await listen(answerAsParameterStore);
const documents = createDocuments();
process.on('message', () => {
  process.send?.(marks);
  marks = {};
});
process.on('disconnect', () => process.exit(0));
process.send?.({ host, ssmPort, upstreamPort } satisfies PeerAddress);

function listen(listener: RequestListener): Promise<number> {
  // With Nagle's algorithm each response would wait some 40 ms, which would hide the measured times.
  const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, listener);
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function answerAsParameterStore(request: IncomingMessage, response: ServerResponse): void {
  marks.ssmAtMs ??= nowMs();
  let input = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    input += text;
  });
  request.on('end', () => {
    const { Path } = JSON.parse(input) as { readonly Path: string };
    const Parameters = Object.entries(documents)
      .filter(([name]) => name.startsWith(Path))
      .map(toParameter);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ Parameters }));
  });
}

/** `/countersign/bench` is the plain table, `/countersign/plugins` the one with routes that have three and eight. */
function createDocuments(): Readonly<Record<string, unknown>> {
  const plain = '/countersign/bench/routes';
  const rich = '/countersign/plugins';
  return {
    [`${plain}/bytes`]: toRoute('bytes'),
    [`${plain}/stream`]: toRoute('stream'),
    [`${plain}/paced`]: toRoute('paced'),
    [`${rich}/routes/bytes`]: toRoute('bytes'),
    [`${rich}/routes/three`]: toRoute('bytes', 3),
    [`${rich}/routes/eight`]: toRoute('bytes', 8),
    [`${rich}/consumers/bench`]: consumer,
  };
}

function toRoute(kind: string, count = 0): Readonly<Record<string, unknown>> {
  const id = count === 0 ? kind : `${kind}-${count}`;
  return {
    id,
    uri: `/${id}/*`,
    plugins: {
      ...toPluginMix(count, plugins),
      'aws-lambda': {
        function_uri: `http://${host}:${upstreamPort}/${kind}/`,
        timeout: 60_000,
        authorization: { iam: { service: 'lambda', aws_region: 'us-east-1' } },
      },
    },
  };
}

function toParameter([name, document]: readonly [string, unknown]): Record<string, unknown> {
  return {
    Name: name,
    Type: 'String',
    Value: JSON.stringify(document),
    Version: 1,
    LastModifiedDate: 1_795_000_000,
    ARN: `arn:aws:ssm:us-east-1:111122223333:parameter${name}`,
    DataType: 'text',
  };
}

/**
 * `/bytes/<n>` has a content-length, `/stream/<n>` is chunked, and `/paced/<n>` is n events, 10 ms apart. `/after/<ms>`
 * before one of them delays the response.
 */
function answerAsUpstream(request: IncomingMessage, response: ServerResponse): void {
  marks.upstreamAtMs ??= nowMs();
  const steps = request.url?.split(/[/?]/).slice(1) ?? [];
  const [waitMs, answer] = steps[0] === 'after' ? [Number(steps[1]), steps.slice(2)] : [0, steps];
  request.resume().on('end', () => {
    if (waitMs === 0) respond(request, response, answer);
    else setTimeout(() => respond(request, response, answer), waitMs);
  });
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  [kind, size]: readonly string[],
): void {
  if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
    response.writeHead(403).end('not signed');
    return;
  }
  response.setHeader('content-type', 'application/octet-stream');
  if (kind === 'bytes') response.setHeader('content-length', Number(size));
  if (kind === 'paced') sendPaced(response, Number(size));
  else send(response, Number(size));
}

/** Each event contains its sending time: epoch ms with fractions. */
function sendPaced(response: ServerResponse, count: number): void {
  let left = count;
  const timer = setInterval(() => {
    response.write(`${nowMs().toFixed(3)}\n`);
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, 10);
}

function send(response: ServerResponse, size: number): void {
  let left = size;
  const more = () => {
    while (left > 0) {
      const part = left < chunk.length ? chunk.subarray(0, left) : chunk;
      left -= part.length;
      if (!response.write(part) && left > 0) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}
