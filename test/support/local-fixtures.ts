/** Function URLs of the local stack for tests. One call closes all that a test has started. */
import { join } from 'node:path';
import {
  type FunctionUrlOptions,
  startFunctionUrl,
} from '../../local/function-url/function-url.ts';
import type { Invoke } from '../../local/invoke.ts';
import { createEnvironmentPool } from '../../local/runtime/environment-pool.ts';

/** Folder of the fixture functions. */
export const fixtureRoot = join(import.meta.dirname, 'local-functions');

const started: { close(): Promise<void> }[] = [];

/**
 * Starts a function URL.
 * @returns its URL
 */
export async function start(
  invoke: Invoke,
  options: Partial<FunctionUrlOptions> = {},
): Promise<string> {
  const front = await startFunctionUrl({ invoke, ...options });
  started.push(front);
  return front.url;
}

/** Starts a function URL in streaming mode, its fixture function in a process of its own. */
export function startFixture(
  handler: string,
  options: Partial<FunctionUrlOptions> = {},
): Promise<string> {
  const pool = createEnvironmentPool({ taskRoot: fixtureRoot, handler: `index.${handler}` });
  started.push(pool);
  return start(pool.invoke, { invokeMode: 'RESPONSE_STREAM', ...options });
}

/** Closes everything that was started since the last call. */
export async function closeAll(): Promise<void> {
  await Promise.all(started.splice(0).map((part) => part.close()));
}
