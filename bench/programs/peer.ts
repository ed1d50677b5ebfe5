/** A Parameter Store that knows three routes, and an upstream that answers with as many bytes as its path asks for. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface PeerAddress {
  readonly host: string;
  readonly ssmPort: number;
  readonly upstreamPort: number;
}

/** Epoch ms of the first arrivals since the last asking, with fractions; undefined when there was none. */
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
process.on('message', () => {
  process.send?.(marks);
  marks = {};
});
process.on('disconnect', () => process.exit(0));
process.send?.({ host, ssmPort, upstreamPort } satisfies PeerAddress);

function listen(listener: RequestListener): Promise<number> {
  // With Nagle's algorithm on, each answer would wait some 40 ms, and hide all that is to be measured.
  const server = createServer({ noDelay: true, keepAliveTimeout: 60_000 }, listener);
  return new Promise((resolve) => {
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function answerAsParameterStore(request: IncomingMessage, response: ServerResponse): void {
  marks.ssmAtMs ??= nowMs();
  request.resume().on('end', () => {
    const Parameters = routes().map(toParameter);
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ Parameters }));
  });
}

function routes(): readonly { readonly id: string }[] {
  return ['bytes', 'stream', 'other'].map((id) => ({
    id,
    uri: `/${id}/*`,
    plugins: {
      'aws-lambda': {
        function_uri: `http://${host}:${upstreamPort}/${id}/`,
        timeout: 60_000,
        authorization: { iam: { service: 'lambda', aws_region: 'us-east-1' } },
      },
    },
  }));
}

function toParameter(route: { readonly id: string }): Record<string, unknown> {
  return {
    Name: `/countersign/bench/routes/${route.id}`,
    Type: 'String',
    Value: JSON.stringify(route),
    Version: 1,
    LastModifiedDate: 1_795_000_000,
    ARN: `arn:aws:ssm:us-east-1:111122223333:parameter/countersign/bench/routes/${route.id}`,
    DataType: 'text',
  };
}

/** `/bytes/<n>` comes with its length, `/stream/<n>` in chunks. */
function answerAsUpstream(request: IncomingMessage, response: ServerResponse): void {
  marks.upstreamAtMs ??= nowMs();
  request.resume().on('end', () => {
    const [, kind, size] = request.url?.split(/[/?]/) ?? [];
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) {
      response.writeHead(403).end('not signed');
      return;
    }
    response.setHeader('content-type', 'application/octet-stream');
    if (kind === 'bytes') response.setHeader('content-length', Number(size));
    send(response, Number(size));
  });
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
