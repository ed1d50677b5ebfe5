/** The built publisher and the built proxy with a snapshot between them, in a local S3. */
import { randomUUID } from 'node:crypto';
import { type KeyService, startKeyService } from '../../local/key-service/key-service.ts';
import { type RunningProxy, startProxy } from '../../local/stack/proxy.ts';
import { LOCAL_PARAMETER_PATH as root } from '../../local/stack/seeds.ts';
import type { LogLine } from './artefact.ts';
import { send } from './client.ts';
import { eventually } from './eventually.ts';
import { closeAtEnd } from './open-resources.ts';
import { bucket, key, type Publisher, type PublisherOptions, startPublisher } from './publisher.ts';
import { createVerifier } from './upstream.ts';

export interface SnapshotRigOptions extends PublisherOptions {
  /** Variables of the proxies. */
  readonly proxyEnv?: Readonly<Record<string, string>>;
  /** Whether the snapshot is encrypted under a KMS key. @default false */
  readonly isEncrypted?: boolean;
}

/** One environment of the proxy, with a log of its own. */
export interface Proxy {
  readonly url: string;
  readonly lines: () => LogLine[];
  readonly text: () => string;
  readonly pids: () => readonly number[];
  statusOf(target: string): Promise<number>;
  /** Waits until requests for this path are answered with a status. */
  until(target: string, status: number): Promise<unknown>;
  /** Waits until a line has all these fields. */
  logged(fields: LogLine): Promise<LogLine>;
  close(): Promise<void>;
}

export interface SnapshotRig extends Publisher {
  readonly keys: KeyService;
  /** Ends in the key's id. */
  readonly keyId: string;
  /** Another function that reads the same snapshot, as a fresh environment. */
  startProxy(env?: Readonly<Record<string, string>>): Promise<Proxy>;
  /** Writes a document and delivers the event of it. */
  edit(name: string, value: unknown): Promise<void>;
  /** Deletes one and delivers the event of it. */
  erase(name: string): Promise<void>;
  /** Calls to S3 of one kind. */
  countCalls(operation: 'GetObject' | 'PutObject'): number;
}

/** Refreshes five times a second, so that tests of reloading take no longer than they must. */
export async function startSnapshotRig(options: SnapshotRigOptions = {}): Promise<SnapshotRig> {
  const keyId = randomUUID();
  const keys = await startKeyService({ keys: [keyId], verifier: createVerifier('kms') });
  closeAtEnd(() => keys.close());
  const encryption = options.isEncrypted
    ? { COUNTERSIGN_SNAPSHOT_KEY: keys.arn(keyId), AWS_ENDPOINT_URL_KMS: keys.url }
    : {};
  const publisher = await startPublisher({ ...options, env: { ...encryption, ...options.env } });
  const proxies: Proxy[] = [];
  const start = async (env: Readonly<Record<string, string>> = {}): Promise<Proxy> => {
    const proxy = await openProxy({
      COUNTERSIGN_SNAPSHOT_URI: `s3://${bucket}/${key}`,
      COUNTERSIGN_REFRESH_SECONDS: '0.2',
      AWS_ENDPOINT_URL_S3: publisher.objects.url,
      // Nothing listens there: a proxy that asked Parameter Store would be found out.
      AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9/',
      ...encryption,
      ...options.proxyEnv,
      ...env,
    });
    proxies.push(proxy);
    return proxy;
  };
  const deliver = async (operation: string, name: string) => {
    const answer = await publisher.deliver(operation, name);
    if (answer.kind === 'error') throw new Error(answer.errorMessage);
  };
  return {
    ...publisher,
    ...{ keys, keyId },
    startProxy: start,
    async edit(name, value) {
      publisher.put(name, value, name.startsWith('secrets/') ? 'SecureString' : 'String');
      await deliver('Update', name);
    },
    async erase(name) {
      publisher.remove(name);
      await deliver('Delete', name);
    },
    countCalls: (operation) =>
      publisher.objects.calls.filter((call) => call.operation === operation).length,
    async reset() {
      await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
      keys.faults.length = 0;
      keys.denied.clear();
      await publisher.reset();
      keys.calls.length = 0;
    },
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await Promise.all([publisher.close(), keys.close()]);
    },
  };
}

async function openProxy(env: Readonly<Record<string, string>>): Promise<Proxy> {
  const written: string[] = [];
  const running: RunningProxy = await startProxy({
    parameterStoreUrl: 'http://127.0.0.1:9/',
    env,
    onLine: (line) => written.push(line),
    maxEnvironments: 1,
  });
  const lines = () =>
    written.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  const statusOf = async (target: string) => (await send(running.url, { target })).status;
  return {
    ...{ url: running.url, lines, statusOf, pids: running.pids },
    text: () => written.join('\n'),
    until: (target, status) => eventually(async () => (await statusOf(target)) === status),
    logged: (fields) =>
      eventually(() =>
        lines().find((line) =>
          Object.entries(fields).every(([name, value]) => line[name] === value),
        ),
      ),
    close: closeAtEnd(() => running.close()),
  };
}

export { bucket, key, root };
