import { join } from 'node:path';
import type { ListenOptions } from '../http-server.ts';
import { startObjectStore } from '../object-store/object-store.ts';
import type { ParameterChange } from '../parameter-store/parameter-store.ts';
import { createEnvironmentPool } from '../runtime/environment-pool.ts';
import { createLocalVerifier } from './credentials.ts';
import { proxyEnv } from './proxy.ts';
import { LOCAL_PARAMETER_PATH } from './seeds.ts';

/** How the publisher runs. */
export interface PublisherOptions {
  readonly parameterStoreUrl: string;
  /** Host and port of S3. */
  readonly s3?: ListenOptions;
  /** Adds or replaces variables of the publisher. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Called for each line that the publisher writes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/** A running publisher, and the S3 that it writes to. */
export interface RunningPublisher {
  readonly s3Url: string;
  /** `s3://<bucket>/<key>` */
  readonly snapshotUri: string;
  /** Variables of a proxy that reads the snapshot. */
  readonly proxyEnv: Readonly<Record<string, string>>;
  readonly pids: () => readonly number[];
  /** Publishes a change, together with others of the same moment, as EventBridge and SQS do within a second. */
  tell(change: ParameterChange): void;
  close(): Promise<void>;
}

const BUCKET = 'countersign-local';
/** Like the queue's batching window, but shorter, because people wait for their edits. */
const BATCH_MS = 100;
const SECRETS_MS = 60_000;
const TIMEOUT_MS = 60_000;

/** Starts both, and publishes everything once before it returns. Throws if this fails. */
export async function startPublisher(options: PublisherOptions): Promise<RunningPublisher> {
  const { parameterStoreUrl, onLine = () => {} } = options;
  const store = await startObjectStore({
    ...options.s3,
    buckets: { [BUCKET]: {} },
    verifier: createLocalVerifier('s3'),
  });
  const snapshotUri = `s3://${BUCKET}/v1${LOCAL_PARAMETER_PATH}`;
  const snapshotEnv = { COUNTERSIGN_SNAPSHOT_URI: snapshotUri, AWS_ENDPOINT_URL_S3: store.url };
  const pool = createEnvironmentPool({
    taskRoot: join(import.meta.dirname, '..', '..', 'dist', 'publisher'),
    functionName: 'countersign-publisher',
    env: { ...proxyEnv(parameterStoreUrl), ...snapshotEnv, ...options.env },
    onLine,
    maxEnvironments: 2,
  });
  const publish = async (event: unknown) => {
    const answer = await pool.invoke(event, { timeoutMs: TIMEOUT_MS });
    if (answer.kind === 'error') throw new Error(`the publisher failed: ${answer.errorMessage}`);
  };
  const batches = createBatches((events) => publish({ Records: events.map(toRecord) }), onLine);
  const secrets = setInterval(() => {
    publish({ countersign: 'secrets' }).catch((error: unknown) => onLine(String(error)));
  }, SECRETS_MS).unref();
  const close = async () => {
    clearInterval(secrets);
    batches.close();
    await Promise.all([pool.close(), store.close()]);
  };
  try {
    await publish({});
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ s3Url: store.url, snapshotUri, proxyEnv: snapshotEnv, pids: pool.pids, close },
    tell: batches.add,
  };
}

function createBatches(
  deliver: (events: readonly unknown[]) => Promise<void>,
  onLine: (line: string) => void,
) {
  let waiting: unknown[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    const events = waiting;
    waiting = [];
    timer = undefined;
    deliver(events).catch((error: unknown) => onLine(String(error)));
  };
  return {
    add(change: ParameterChange) {
      waiting.push(toEvent(change));
      timer ??= setTimeout(flush, BATCH_MS);
    },
    close: () => clearTimeout(timer),
  };
}

/** Systems Manager User Guide, "Reference: Amazon EventBridge event patterns and types for Systems Manager". */
function toEvent({ operation, name }: ParameterChange) {
  return {
    'detail-type': 'Parameter Store Change',
    source: 'aws.ssm',
    detail: { operation, name },
  };
}

function toRecord(event: unknown) {
  return { eventSource: 'aws:sqs', body: JSON.stringify(event) };
}
