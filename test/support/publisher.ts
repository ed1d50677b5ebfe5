/** The built publisher beside a local Parameter Store and a local S3, and a topic that takes what is signed. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { listen, readBody } from '../../local/http-server.ts';
import type { FunctionResponse } from '../../local/invoke.ts';
import { type ObjectStore, startObjectStore } from '../../local/object-store/object-store.ts';
import {
  type ParameterStore,
  type ParameterStoreOptions,
  type SsmOperation,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { createEnvironmentPool } from '../../local/runtime/environment-pool.ts';
import { proxyEnv } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import type { LogLine } from './artefact.ts';
import { eventually } from './eventually.ts';
import { closeAtEnd } from './open-resources.ts';
import { createVerifier } from './upstream.ts';

export const topicArn = 'arn:aws:sns:us-east-1:123456789012:countersign-operators';

export const bucket = 'countersign-snapshots';
/** Of the snapshot. */
export const key = 'v1/countersign/local';

/** The built artefact. */
export const publisherRoot = join(import.meta.dirname, '..', '..', 'dist', 'publisher');

export interface PublisherOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly store?: ParameterStoreOptions;
  /** Whether an empty table is published at the start. @default true */
  readonly isEmpty?: boolean;
  /** What SNS answers with; {@link Publisher.topic} changes it. @default 200 */
  readonly snsStatus?: number;
}

/** Faults of Parameter Store that a test may set at any time. */
export interface StoreFaults {
  intercept: ParameterStoreOptions['intercept'];
  /** Aliases of KMS keys that nobody may decrypt with. */
  readonly unusableKeys: Set<string>;
}

export interface Publisher {
  /** Where it publishes. */
  readonly objects: ObjectStore;
  readonly store: ParameterStore;
  /** The function's own variables. */
  readonly env: Readonly<Record<string, string>>;
  /** How SNS answers. */
  readonly topic: { status: number };
  /** Messages as they were published. */
  readonly messages: Readonly<Record<string, string>>[];
  /** Operations of Parameter Store that were called. */
  readonly calls: SsmOperation[];
  /** How Parameter Store fails, until the reset. */
  readonly storeFaults: StoreFaults;
  readonly lines: () => LogLine[];
  readonly text: () => string;
  /** Writes a parameter below the root; objects as JSON. */
  put(name: string, value: unknown, type?: 'String' | 'SecureString'): void;
  remove(name: string): void;
  /** Delivers the event of a change below the root, as EventBridge does. */
  deliver(operation: string, name: string): Promise<FunctionResponse>;
  invoke(event: unknown): Promise<FunctionResponse>;
  /** The next invocation is that of a fresh environment. */
  refresh(): Promise<void>;
  /** Is as at its start, but for its environment, which stays warm. */
  reset(): Promise<void>;
  /** Has everything published as it is, and forgets what was said and called for it. */
  reconcile(): Promise<void>;
  /** The lines so far, as soon as there are as many; throws when there are more. */
  findings(count: number): Promise<LogLine[]>;
  /** The line about the only finding so far. */
  only(): Promise<LogLine>;
  close(): Promise<void>;
}

/** A `Parameter Store Change` as AWS documents it (Systems Manager User Guide, EventBridge event examples). */
export function toChangeEvent(operation: string, name: string): Record<string, unknown> {
  return {
    version: '0',
    id: '6a7e4feb-b491-4cf7-a9f1-bf3703497718',
    'detail-type': 'Parameter Store Change',
    source: 'aws.ssm',
    account: '123456789012',
    time: '2026-05-22T16:43:48Z',
    region: 'us-east-1',
    resources: [`arn:aws:ssm:us-east-1:123456789012:parameter${name}`],
    detail: { operation, name, type: 'String', description: 'Sample Parameter' },
  };
}

/** Events as SQS delivers them to Lambda. */
export function toBatch(events: readonly unknown[]): Record<string, unknown> {
  const records = events.map((event, index) => ({
    messageId: String(index),
    body: JSON.stringify(event),
    eventSource: 'aws:sqs',
  }));
  return { Records: records };
}

export async function startPublisher(options: PublisherOptions = {}): Promise<Publisher> {
  const calls: SsmOperation[] = [];
  // A set that a test has given is the one that it adds keys to.
  const given = options.store?.unusableKeys;
  const storeFaults: StoreFaults = {
    intercept: options.store?.intercept,
    unusableKeys: given instanceof Set ? given : new Set(given),
  };
  const store: ParameterStore = await startParameterStore({
    ...options.store,
    unusableKeys: storeFaults.unusableKeys,
    intercept: (operation, input) => {
      calls.push(operation);
      return storeFaults.intercept?.(operation, input);
    },
  });
  const objects = await startObjectStore({
    buckets: { [bucket]: {} },
    verifier: createVerifier('s3'),
  });
  const sns = await startTopic(options.snsStatus ?? 200);
  const written: string[] = [];
  const env = {
    ...proxyEnv(store.url),
    COUNTERSIGN_SNAPSHOT_URI: `s3://${bucket}/${key}`,
    AWS_ENDPOINT_URL_S3: objects.url,
    COUNTERSIGN_TOPIC_ARN: topicArn,
    AWS_ENDPOINT_URL_SNS: sns.url,
    ...options.env,
  };
  const pool = createEnvironmentPool({
    taskRoot: publisherRoot,
    env,
    onLine: (line) => written.push(line),
  });
  const invoke = (event: unknown) => pool.invoke(event, { timeoutMs: 30_000 });
  const lines = () =>
    written
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
      .filter(({ event }) => String(event).startsWith('document-'));
  const findings = async (count: number) => {
    const found = await eventually(() => lines().length >= count && lines());
    if (found.length > count) throw new Error(`${found.length} lines: ${written.join('\n')}`);
    return found;
  };
  const reconcile = async () => {
    written.length = 0;
    const answer = await invoke({});
    if (answer.kind === 'error') throw new Error(answer.errorMessage);
    // Its lines come in order, so that none of an earlier run is behind this one.
    await eventually(() => written.some((line) => /"event":"(published|unchanged)"/.test(line)));
    calls.length = 0;
    written.length = 0;
    sns.messages.length = 0;
  };
  const reset = async () => {
    storeFaults.intercept = options.store?.intercept;
    storeFaults.unusableKeys.clear();
    removeAll(store);
    objects.removeVersions(bucket, key);
    objects.faults.length = 0;
    sns.topic.status = options.snsStatus ?? 200;
    written.length = 0;
    if (options.isEmpty !== false) await reconcile();
    for (const list of [calls, sns.messages, objects.calls]) list.length = 0;
  };
  // What there is before the first edit.
  if (options.isEmpty !== false) await reconcile();
  return {
    ...{ objects, store, storeFaults, env },
    ...{ messages: sns.messages, topic: sns.topic },
    calls,
    lines,
    text: () => written.join('\n'),
    put(name, value, type = 'String') {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      const input = { Name: `${root}/${name}`, Value: text, Type: type, Overwrite: true };
      store.call('PutParameter', input);
    },
    remove: (name) => store.call('DeleteParameter', { Name: `${root}/${name}` }),
    deliver: (operation, name) => invoke(toChangeEvent(operation, `${root}/${name}`)),
    invoke,
    async refresh() {
      for (const pid of pool.pids()) process.kill(pid, 'SIGKILL');
      await eventually(() => pool.pids().length === 0);
    },
    reset,
    reconcile,
    findings,
    only: async () => (await findings(1))[0] as LogLine,
    close: closeAtEnd(() =>
      Promise.all([pool.close(), store.close(), objects.close(), sns.close()]),
    ),
  };
}

/** Deletes every parameter. */
export function removeAll(store: ParameterStore): void {
  const path = { Path: '/', Recursive: true };
  for (;;) {
    const { Parameters: page } = store.call('GetParametersByPath', path) as {
      readonly Parameters: readonly { readonly Name: string }[];
    };
    if (page.length === 0) return;
    for (const { Name } of page) store.call('DeleteParameter', { Name });
  }
}

/** Speaks SNS's query protocol, as far as Publish goes. */
async function startTopic(status: number) {
  const messages: Record<string, string>[] = [];
  const topic = { status };
  const verify = createVerifier('sns');
  const server = createServer((request, response) => {
    void readBody(request, 1024 * 1024).then((body = Buffer.alloc(0)) => {
      const { method = '', url: target = '', rawHeaders } = request;
      if (!verify({ method, target, rawHeaders, body }).ok) {
        response.writeHead(403).end('<Code>SignatureDoesNotMatch</Code>');
        return;
      }
      messages.push(Object.fromEntries(new URLSearchParams(body.toString('utf8'))));
      response.writeHead(topic.status).end('<Error><Code>AuthorizationError</Code></Error>');
    });
  });
  return { ...(await listen(server)), messages, topic };
}
