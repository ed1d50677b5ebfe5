import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Fault,
  resetConnection,
  runWithFault,
  sendFaulty,
  takeFault,
  type WholeAnswer,
} from '../faults.ts';
import { headerPairs, readBody } from '../http-server.ts';
import { isForOwnHost } from '../own-host.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { authenticate } from './authenticate.ts';
import type { Bucket, S3Call } from './call.ts';
import { OPERATIONS, type S3Operation } from './operations.ts';
import { S3Error, toErrorXml } from './s3-error.ts';
import { parseTarget, type Target, toOperation } from './target.ts';

/** A call that was answered. */
export interface ObjectStoreCall {
  /** The operation; undefined if the store does not implement it. */
  readonly operation: S3Operation | undefined;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  /** The status, or `reset` if the connection was cut instead of an answer. */
  readonly status: number | 'reset';
  /** S3's code of an error. */
  readonly code?: string;
}

/** The state of the endpoint. */
export interface Store {
  readonly verifier: SigV4Verifier | undefined;
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly calls: ObjectStoreCall[];
  readonly faults: Fault[];
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Answers one request and adds it to the log of calls. */
export async function serve(
  store: Store,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  const ids = {
    RequestId: randomBytes(8).toString('hex').toUpperCase(),
    HostId: randomBytes(48).toString('base64'),
  };
  const target = readTarget(url);
  const named = target instanceof S3Error ? NOWHERE : target;
  const outcome = await answerCall(store, { request, target }).catch((error: unknown) => ({
    answer: toErrorAnswer(toS3Error(error), ids),
    fault: undefined,
    code: toS3Error(error).code,
  }));
  const { answer, fault, code } = outcome;
  store.calls.push({
    operation: toOperation(method, named),
    method,
    bucket: named.bucket,
    key: named.key,
    status: answer === 'reset' ? answer : answer.status,
    ...(code === undefined ? {} : { code }),
  });
  if (answer === 'reset') {
    resetConnection(response);
    return;
  }
  sendFaulty(response, withIds(answer, { ids, isHead: method === 'HEAD' }), fault);
}

interface Outcome {
  readonly answer: WholeAnswer | 'reset';
  readonly fault: Fault | undefined;
  readonly code?: string | undefined;
}

const NOWHERE: Target = { bucket: '', key: '', query: new URLSearchParams() };

function readTarget(url: string): Target | S3Error {
  try {
    return parseTarget(url);
  } catch (error) {
    return toS3Error(error);
  }
}

interface Received {
  readonly request: IncomingMessage;
  readonly target: Target | S3Error;
}

async function answerCall(store: Store, { request, target }: Received): Promise<Outcome> {
  if (target instanceof S3Error) {
    throw target;
  }
  if (!isForOwnHost(request)) {
    request.resume();
    throw new S3Error('AccessDenied');
  }
  const { method = 'GET', url = '/', rawHeaders } = request;
  // Changes by other writers from here on conflict with this call, although its body has not arrived.
  const changesAtStart = store.buckets.get(target.bucket)?.objects.changes(target.key) ?? 0;
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === undefined) {
    throw new S3Error('EntityTooLarge');
  }
  authenticate({ method, target: url, rawHeaders, body }, store.verifier);
  const bucket = findBucket(store.buckets, target.bucket);
  const operation = toOperation(method, target);
  if (operation === undefined) {
    const message = `The local object store does not implement ${method} ${url}.`;
    throw new S3Error('NotImplemented', { message });
  }
  const fault = takeFault(store.faults, operation);
  const call: S3Call = { ...target, bucket, headers: join(rawHeaders), body, changesAtStart };
  const answer = await runWithFault(
    fault,
    () => OPERATIONS[operation](call),
    ({ code, ...details }) => new S3Error(code, details),
  );
  return { answer, fault };
}

/** The bucket of that name; throws S3's NoSuchBucket. */
export function findBucket(buckets: Store['buckets'], name: string): Bucket {
  const bucket = buckets.get(name);
  if (bucket === undefined) {
    throw new S3Error('NoSuchBucket', { elements: { BucketName: name } });
  }
  return bucket;
}

function join(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headerPairs(rawHeaders)) {
    const first = joined.get(name);
    joined.set(name, first === undefined ? value : `${first},${value}`);
  }
  return joined;
}

function toS3Error(error: unknown): S3Error {
  return error instanceof S3Error
    ? error
    : new S3Error('InternalError', { message: String(error) });
}

type Ids = Readonly<Record<'RequestId' | 'HostId', string>>;

function toErrorAnswer(error: S3Error, ids: Ids): WholeAnswer {
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/xml' },
    body: Buffer.from(toErrorXml(error, ids)),
  };
}

const BODILESS: ReadonlySet<number> = new Set([204, 304]);

function withIds(
  { status, headers, body }: WholeAnswer,
  { ids, isHead }: { ids: Ids; isHead: boolean },
): WholeAnswer {
  const answer = {
    status,
    headers: {
      'x-amz-request-id': ids.RequestId,
      'x-amz-id-2': ids.HostId,
      server: 'AmazonS3',
      ...headers,
    },
    body,
  };
  if (isHead && status < 300) {
    // RFC 9110 section 9.3.2: the length is that of a GET.
    const length = { 'content-length': String(body.length) };
    return { ...answer, headers: { ...answer.headers, ...length }, body: Buffer.alloc(0) };
  }
  return isHead || BODILESS.has(status) ? { ...answer, body: Buffer.alloc(0) } : answer;
}
