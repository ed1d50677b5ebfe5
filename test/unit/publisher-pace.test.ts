/** How the publisher spreads its calls, and which secrets one run reads. */

import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { createListing } from '../../functions/publisher/listing.ts';
import { createPace } from '../../functions/publisher/pace.ts';
import { createSecretReader, selectPart } from '../../functions/publisher/secret-reader.ts';
import { emptyState } from '../../functions/publisher/state.ts';
import { wholeTest } from '../support/sample.ts';

const denied = new AwsServiceError('AccessDeniedException', 400, 'no');

function createClock() {
  const clock = { nowMs: 0, sleeps: 0 };
  const sleep = async (ms: number) => {
    clock.nowMs += ms;
    clock.sleeps += 1;
  };
  return { clock, now: () => clock.nowMs, sleep };
}

test('ten calls are made at once, and ten a second after them', async () => {
  const { clock, now, sleep } = createClock();
  const pace = createPace(now, sleep);
  for (let call = 0; call < 10; call += 1) await pace();
  expect(clock.nowMs).toBe(0);
  for (let call = 0; call < 100; call += 1) await pace();
  expect(clock.nowMs).toBe(10_000);
  clock.nowMs += 60_000;
  const { sleeps } = clock;
  for (let call = 0; call < 10; call += 1) await pace();
  expect(clock.sleeps).toBe(sleeps);
});

test.each([
  ['a deployment', { isDeployment: true }, 990 * 100],
  ['a comparison', { isDeployment: false }, 990 * 600],
])('%s reads 1,000 pages at its own pace', async (_, pace, expectedMs) => {
  const { clock, sleep } = createClock();
  const notes = new Map(
    Array.from({ length: 10_000 }, (__, index) => [
      `/r/routes/${index}`,
      { version: 1, secrets: [] },
    ]),
  );
  const list = createListing(
    '/r',
    (betweenPages) => ({
      async readTree() {
        for (let page = 1; page < 1000; page += 1) await betweenPages();
        return [];
      },
    }),
    { sleep },
  );
  await list({ ...emptyState, contentDigest: 'x', notes }, pace);
  expect(clock.nowMs).toBe(expectedMs);
});

describe('secrets', () => {
  const names = Array.from({ length: 500 }, (_, index) => `/r/secrets/${index}`);

  wholeTest(
    'that may not be read cost few calls a run, and those beside them stay known or unknown',
    async () => {
      const { clock, now } = createClock();
      let calls = 0;
      const readable = new Set(names.filter((__, index) => index % 10 === 0));
      const reader = createSecretReader({
        now,
        readBatch: async (batch) => {
          calls += 1;
          if (batch.some((name) => !readable.has(name))) throw denied;
          return new Map(batch.map((name) => [name, 'v']));
        },
      });
      const first = await reader.poll(names);
      expect(calls).toBeLessThanOrEqual(50 + 2 * 25);
      for (const name of readable) {
        expect(first.values.has(name) || first.unknown.has(name)).toBe(true);
      }
      const counts: number[] = [];
      for (let run = 0; run < 2000; run += 1) {
        calls = 0;
        clock.nowMs += 60_000;
        await reader.poll(names);
        counts.push(calls);
      }
      expect(Math.max(...counts)).toBeLessThanOrEqual(7);
      const last = await reader.poll(names);
      expect([last.values.size, last.unknown.size]).toEqual([50, 0]);
    },
  );

  test('that change are asked for again, though they were refused', async () => {
    const { now } = createClock();
    let isDenied = true;
    const reader = createSecretReader({
      now,
      readBatch: async (batch) => {
        if (isDenied) throw denied;
        return new Map(batch.map((name) => [name, 'v']));
      },
    });
    await reader.poll(['/r/secrets/a']);
    isDenied = false;
    expect((await reader.read(['/r/secrets/a'])).values.size).toBe(0);
    reader.forget(['/r/secrets/a']);
    expect((await reader.read(['/r/secrets/a'])).values.size).toBe(1);
  });

  test('of a reading that fails are not taken for missing ones', async () => {
    const { now } = createClock();
    const failure = new Error('outage');
    const reader = createSecretReader({ now, readBatch: async () => Promise.reject(failure) });
    await expect(reader.read(['/r/secrets/a'])).rejects.toBe(failure);
  });

  test('beyond a thousand take turns', () => {
    const many = Array.from({ length: 2500 }, (_, index) => String(index));
    const parts = [0, 1, 2, 3].map((turn) => selectPart(many, turn));
    expect(parts.map((part) => part.length)).toEqual([1000, 1000, 500, 1000]);
    expect(parts.slice(0, 3).flat()).toEqual(many);
  });
});
