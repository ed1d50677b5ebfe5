/** Proxies in both ways of reading the table: the first reads the snapshot, the second Parameter Store itself. */
import { send } from './client.ts';
import { eventually } from './eventually.ts';
import type { Proxy as ProxyFunction, SnapshotRig } from './snapshot-rig.ts';

export type Headers = readonly (readonly [string, string])[];

/** @param env of both */
export async function startBothModes(
  rig: SnapshotRig,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ProxyFunction[]> {
  const direct = { COUNTERSIGN_SNAPSHOT_URI: '', AWS_ENDPOINT_URL_SSM: rig.store.url };
  return [await rig.startProxy(env), await rig.startProxy({ ...direct, ...env })];
}

export interface Awaited {
  readonly target: string;
  /** A status, or a text. */
  readonly answer: number | string;
  readonly headers?: Headers;
}

/** Waits until each of the proxies gives an answer. */
export async function awaitAnswer(
  proxies: readonly ProxyFunction[],
  { target, answer, headers = [] }: Awaited,
): Promise<void> {
  for (const proxy of proxies) {
    await eventually(async () => {
      const response = await send(proxy.url, { target, headers });
      return answer === (typeof answer === 'number' ? response.status : response.text().trim());
    });
  }
}
