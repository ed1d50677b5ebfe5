/** The local object store, called with signatures of the AWS SDK's signer. */
import { createHash } from 'node:crypto';
import {
  type ObjectStore,
  type ObjectStoreOptions,
  startObjectStore,
} from '../../local/object-store/object-store.ts';
import { createLocalVerifier } from '../../local/stack/credentials.ts';
import type { ClientResponse } from './client.ts';
import { type SignedCall, sendSigned } from './signed-call.ts';

const stores: ObjectStore[] = [];

/** Starts a store with the bucket `b`; {@link stopStores} ends it. */
export async function startStore(options: Partial<ObjectStoreOptions> = {}): Promise<ObjectStore> {
  const verifier = createLocalVerifier('s3');
  const store = await startObjectStore({ buckets: { b: {} }, verifier, ...options });
  stores.push(store);
  return store;
}

export async function stopStores(): Promise<void> {
  await Promise.all(stores.splice(0).map((store) => store.close()));
}

/** `line` is method and path as on the request line. */
export function call(
  store: ObjectStore,
  line: string,
  more: Partial<SignedCall> = {},
): Promise<ClientResponse> {
  const [method = '', path = ''] = line.split(' ');
  return sendSigned(store.url, { service: 's3', method, path, ...more });
}

/** Status and S3's code of an error. */
export function outcomeOf(response: ClientResponse): readonly [number, string | undefined] {
  return [response.status, /<Code>(\w+)<\/Code>/.exec(response.text())?.[1]];
}

/** The entity tag that bytes have. */
export function etagOf(bytes: string): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}
