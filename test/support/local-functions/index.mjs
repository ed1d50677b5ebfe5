/** Small functions for the tests of the local stack's runtime: one export a behaviour. */
import { env } from 'node:process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const { streamifyResponse, HttpResponseStream } = globalThis.awslambda;
let invocations = 0;

/** What a buffered function sees of its event, its context and its environment. */
export const buffered = async (event, context) => {
  invocations += 1;
  return {
    statusCode: 201,
    headers: { 'x-kind': 'buffered' },
    cookies: ['a=1; Path=/', 'b=2'],
    body: JSON.stringify({
      event,
      invocations,
      pid: process.pid,
      requestId: context.awsRequestId,
      functionName: context.functionName,
      remainingMs: context.getRemainingTimeInMillis(),
      contextKeys: Object.keys(context).sort(),
      env,
    }),
  };
};

/** Without a statusCode the whole result is the body. */
export const inferred = async () => ({ hello: 'world' });

export const throwing = async () => {
  throw new TypeError('thrown by the test');
};

export const printing = async () => {
  process.stdout.write('to stdout\nin two');
  process.stdout.write(' writes\n');
  process.stderr.write('to stderr\n');
  return {};
};

export const crashing = async () => process.exit(7);

export const hanging = () => new Promise((resolve) => setTimeout(resolve, 600_000));

export const tooLarge = async () => 'x'.repeat(6 * 1024 * 1024);

/** The good way: prelude, `write('')`, then the body. */
export const streaming = streamifyResponse(async (event, responseStream) => {
  const prelude = {
    statusCode: 202,
    headers: { 'content-type': 'text/plain', 'x-kind': 'streaming', 'content-length': '9' },
    cookies: ['a=1', 'b=2'],
  };
  const stream = HttpResponseStream.from(responseStream, prelude);
  stream.write('');
  stream.write('one ');
  stream.write(Buffer.from('two '));
  stream.end(event.last ?? 'three');
});

/** Sends its second chunk only when asked by a request to the URL in the query. */
export const stepwise = streamifyResponse(async (event, responseStream) => {
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  stream.write('first');
  await fetch(decodeURIComponent(event.rawQueryString));
  stream.end('second');
});

/** `end` without `write`: AWS's client loses the prelude. */
export const endOnly = streamifyResponse(async (_event, responseStream) => {
  HttpResponseStream.from(responseStream, { statusCode: 301, headers: { location: '/x' } }).end();
});

export const throwsFirst = streamifyResponse(async () => {
  throw new RangeError('before the first write');
});

export const throwsLater = streamifyResponse(async (_event, responseStream) => {
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  stream.write('partial');
  throw new RangeError('after the first write');
});

export const unfinished = streamifyResponse(async (_event, responseStream) => {
  HttpResponseStream.from(responseStream, { statusCode: 200 }).write('partial');
});

export const destroys = streamifyResponse(async (_event, responseStream) => {
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  stream.write('partial');
  stream.on('error', () => undefined);
  stream.destroy(new Error('destroyed by the test'));
  await sleep(60_000);
});

export const failingPipeline = streamifyResponse(async (_event, responseStream) => {
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  async function* failing() {
    yield 'partial';
    throw new Error('source failed');
  }
  await pipeline(Readable.from(failing()), stream);
});

/** What the stream object offers, told through the stream itself. */
export const inspects = streamifyResponse(async (_event, responseStream) => {
  const members = Object.keys(responseStream).sort();
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  stream.write('');
  let tooLate = 'accepted';
  try {
    stream.setContentType('text/plain');
  } catch (error) {
    tooLate = error.name;
  }
  stream.end(
    JSON.stringify({
      members,
      tooLate,
      highWaterMark: stream.writableHighWaterMark,
      hasPipe: 'pipe' in stream,
    }),
  );
});

/** Writes for as long as it is let; tells how often it had to wait. */
export const megabytes = streamifyResponse(async (event, responseStream) => {
  const stream = HttpResponseStream.from(responseStream, { statusCode: 200 });
  const total = Number(event.megabytes ?? event.queryStringParameters?.megabytes);
  let waits = 0;
  for (let i = 0; i < total * 16; i += 1) {
    if (!stream.write(Buffer.alloc(65_536, 97))) {
      waits += 1;
      process.stdout.write(`waits ${waits}\n`);
      await new Promise((resolve) => stream.once('drain', resolve));
    }
  }
  stream.end();
});

/** No HttpResponseStream: the stream's own content type, and status 200. */
export const bare = streamifyResponse(async (_event, responseStream) => {
  responseStream.setContentType('text/html');
  responseStream.write('bare');
  responseStream.end();
});
