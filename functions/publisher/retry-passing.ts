/**
 * Failures that pass by themselves are waited for: a batch that fails comes back after 16 minutes, and its edits would not be
 * in force until then.
 */
import { ProxyError } from '../proxy/http/errors.ts';
import type { ParameterCall } from '../proxy/routes/parameters.ts';
import { isThrottled, type Pacing, retryThrottled } from '../proxy/routes/throttling.ts';
import { AwsServiceError } from '../proxy/send/aws-json.ts';
import type { ObjectStore } from '../proxy/send/object-store.ts';
import type { SnapshotStorage } from '../proxy/snapshot-storage.ts';

/** Tries of one call. The waits between them take 3.5 seconds at most. */
const maxTries = 4;
const firstWaitMs = 500;

/**
 * @returns what `act` resolves with
 * @throws its last error, or its first one that does not pass: a refusal, or throttling
 */
export async function retryPassing<T>(
  act: () => Promise<T>,
  { random, sleep }: Pick<Pacing, 'random' | 'sleep'>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!isPassing(error) || tries === maxTries) throw error;
      await sleep(random() * firstWaitMs * 2 ** (tries - 1));
    }
  }
}

/** AWS failed, or nothing whole was heard of it. Throttling has a patience of its own. */
function isPassing(error: unknown): boolean {
  if (isThrottled(error)) return false;
  // A status of 200 is that of an answer that cannot be read.
  if (error instanceof AwsServiceError) return error.status >= 500 || error.status === 200;
  return error instanceof ProxyError && error.code.startsWith('UPSTREAM_');
}

/** @returns the same call of Parameter Store, which waits for what passes */
export function withRetriedCalls(call: ParameterCall, pacing: Pacing): ParameterCall {
  return (...input) => retryPassing(() => call(...input), pacing);
}

/** @returns the same clients of S3 and KMS, which wait for what passes, throttling included */
export function withRetriedStorage(
  { store, key }: SnapshotStorage<ObjectStore>,
  pacing: Pacing,
): SnapshotStorage<ObjectStore> {
  const retry = <T>(act: () => Promise<T>) =>
    retryThrottled(() => retryPassing(act, pacing), { ...pacing, maxTries: 6 });
  return {
    store: {
      read: (knownEtag) => retry(() => store.read(knownEtag)),
      // If a write succeeded but its answer was lost, the retry takes it for the write of another publisher.
      write: (bytes, expectedEtag) => retry(() => store.write(bytes, expectedEtag)),
    },
    key: key && {
      id: key.id,
      service: {
        generateDataKey: (...input) => retry(() => key.service.generateDataKey(...input)),
        decrypt: (...input) => retry(() => key.service.decrypt(...input)),
      },
    },
  };
}
