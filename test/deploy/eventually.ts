/** Waits for what other processes do. */
import { setTimeout as sleep } from 'node:timers/promises';

/** @throws Error when the check is not true within 45 seconds */
export async function eventually(check: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 45_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error('not within 45 s');
    await sleep(250);
  }
}
