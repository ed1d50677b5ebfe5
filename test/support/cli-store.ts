/** A store with documents in it, for tests of the CLI. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  type Interception,
  type ParameterStore,
  type SsmOperation,
  startParameterStore,
} from '../../local/parameter-store/parameter-store.ts';
import { documentOf } from './documents.ts';

const rootPath = '/countersign/local';

export interface CliStore {
  readonly url: string;
  /** Below the root path: `routes/orders`. */
  put(name: string, value: unknown, type?: string): void;
  /** The newest version, or undefined. */
  read(name: string): Stored | undefined;
  /** Stores a SecureString that cannot be decrypted. */
  putSealed(name: string, value: unknown): void;
  /** Number of calls of an operation. */
  calls(operation: SsmOperation): number;
  /** Answers calls of an operation, or runs code before they are answered. */
  intercept(operation: SsmOperation, run: Intercept): void;
  /** A folder that is deleted after the test. */
  folder(files?: Readonly<Record<string, unknown>>): string;
  close(): Promise<void>;
}

type Intercept = (input: Readonly<Record<string, unknown>>) => Interception | undefined;

interface Stored {
  readonly Value: string;
  readonly Version: number;
  readonly Type: string;
  readonly Tier: string;
}

export async function startCliStore(): Promise<CliStore> {
  const called: SsmOperation[] = [];
  const interceptions = new Map<SsmOperation, Intercept>();
  const folders: string[] = [];
  const sealingKey = 'alias/sealed';
  const store: ParameterStore = await startParameterStore({
    unusableKeys: new Set([sealingKey]),
    intercept(operation, input) {
      called.push(operation);
      return interceptions.get(operation)?.({ ...input });
    },
  });
  const read = (name: string) => {
    const Name = `${rootPath}/${name}`;
    try {
      const input = { Name, WithDecryption: true };
      const history = store.call('GetParameterHistory', input) as { Parameters: Stored[] };
      return history.Parameters.at(-1);
    } catch {
      return undefined;
    }
  };
  return {
    url: store.url,
    read,
    put(name, value, Type = 'String') {
      const Value = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
      store.call('PutParameter', { Name: `${rootPath}/${name}`, Type, Value, Overwrite: true });
    },
    putSealed(name, value) {
      const Value = JSON.stringify(value);
      const input = { Name: `${rootPath}/${name}`, Type: 'SecureString', KeyId: sealingKey, Value };
      store.call('PutParameter', { ...input, Overwrite: true });
    },
    calls: (operation) => called.filter((name) => name === operation).length,
    intercept: (operation, run) => void interceptions.set(operation, run),
    folder(files = {}) {
      const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
      folders.push(folder);
      for (const [name, value] of Object.entries(files)) {
        const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      return folder;
    },
    async close() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
      await store.close();
    },
  };
}

/** A valid route. The timeout identifies its version. */
export const orders = (timeout: number) =>
  documentOf({
    uri: '/orders/*',
    plugins: {
      'aws-lambda': {
        function_uri: 'https://abcdefghij.lambda-url.eu-west-1.on.aws/',
        authorization: { iam: {} },
        timeout,
      },
    },
  });

export const acme = (key: string) => ({ username: 'acme', plugins: { 'key-auth': { key } } });
