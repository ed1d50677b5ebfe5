import fc from 'fast-check';
import { createNamedReader } from '../../functions/proxy/routes/named-reader.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';

const denied = new AwsServiceError('AccessDeniedException', 400, 'no');
const minuteMs = 60_000;

/** A store in which some names may not be read, and what it was asked. */
function createRig(count: number, refused: readonly string[] = []) {
  const names = Array.from({ length: count }, (_, index) => `/n${index}`);
  const values = new Map(names.map((name) => [name, `value of ${name}`]));
  const state = { nowMs: 0, failure: undefined as Error | undefined };
  const unreadable = new Set(refused);
  let calls: (readonly string[])[] = [];
  const reader = createNamedReader<string>({
    now: () => state.nowMs,
    readBatch: async (batch) => {
      calls.push(batch);
      if (state.failure) throw state.failure;
      if (batch.length > 10 || batch.some((name) => unreadable.has(name))) throw denied;
      return new Map(batch.flatMap((name) => [[name, values.get(name)] as [string, string]]));
    },
  });
  return {
    names,
    values,
    state,
    unreadable,
    /** One reading: the names that have a value, the calls that it took, and what ended it. */
    async read(wanted: readonly string[] = names) {
      calls = [];
      const { values: found, failure } = await reader.readAll(wanted);
      return { found: new Map(found), calls: calls.length, asked: calls, failure };
    },
  };
}

test('names are read ten a call', async () => {
  const { read } = createRig(25);
  const { found, asked } = await read();
  expect(found.size).toBe(25);
  expect(asked.map((batch) => batch.length)).toEqual([10, 10, 5]);
});

test('a name that becomes unreadable is found by halving, and later readings take the calls that they took before', async () => {
  const { read, state, unreadable } = createRig(10);
  const before = await read();
  unreadable.add('/n7');
  const found = await read();
  const after = await read();
  state.nowMs += minuteMs;
  const retry = await read();
  const rest = await read();

  expect(found.found.has('/n7')).toBe(false);
  expect(found.found.size).toBe(9);
  expect([before.calls, found.calls, after.calls, retry.calls, rest.calls]).toEqual([
    1, 7, 1, 2, 1,
  ]);
  expect(retry.asked).toContainEqual(['/n7']);
});

test('of a hundred names that may not be read a reading takes few calls, however many readings there are', async () => {
  const all = Array.from({ length: 100 }, (_, index) => `/n${index}`);
  const { read, state } = createRig(120, all);
  const first = await read();
  const later: number[] = [];
  for (let reading = 0; reading < 300; reading += 1) {
    state.nowMs += 10_000;
    later.push((await read()).calls);
  }
  // The twenty that can be read are two calls, and one call retries.
  expect(first.calls).toBe(12 + 2 * 24);
  expect(Math.max(...later)).toBe(3);
});

test('a name that may be read again has its value again', async () => {
  const { read, state, unreadable } = createRig(3, ['/n1']);
  await read();
  unreadable.clear();
  expect((await read()).found.has('/n1')).toBe(false);
  state.nowMs += minuteMs;
  expect((await read()).found.get('/n1')).toBe('value of /n1');
});

test('the pause before a refused name is tried again grows up to five minutes', async () => {
  const { read, state } = createRig(1, ['/n0']);
  await read();
  const retriedAtS: number[] = [];
  for (let seconds = 0; seconds < 1500; seconds += 10) {
    state.nowMs = seconds * 1000;
    if ((await read()).calls > 0) retriedAtS.push(seconds);
  }
  expect(retriedAtS).toEqual([60, 180, 420, 720, 1020, 1320]);
});

test.each([
  ['throttling', new AwsServiceError('ThrottlingException', 400, 'slow down')],
  ['an outage', new AwsServiceError('InternalServerError', 500, 'sorry')],
  ['expired credentials', new AwsServiceError('ExpiredTokenException', 400, 'old')],
  ['a connection that breaks', new Error('broken')],
])('%s is told, changes no value, and condemns no name', async (_, failure) => {
  const { read, state, values } = createRig(12);
  await read();
  state.failure = failure;
  values.set('/n3', 'new');
  const during = await read();
  state.failure = undefined;
  const after = await read();

  expect(during).toMatchObject({ failure, calls: 1 });
  expect(during.found.size).toBe(12);
  expect(after.found.get('/n3')).toBe('new');
  expect(after.calls).toBe(2);
});

test('a name that is gone, or no longer wanted, has no value', async () => {
  const { read, values } = createRig(4);
  await read();
  values.delete('/n0');
  expect([...(await read()).found.keys()]).toEqual(['/n1', '/n2', '/n3']);
  expect([...(await read(['/n2'])).found.keys()]).toEqual(['/n2']);
});

test('for any refusals, every readable name is read in the end, and no read takes many calls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), async (flags) => {
      const refused = flags.flatMap((isRefused, index) => (isRefused ? [`/n${index}`] : []));
      const { read, names, state } = createRig(flags.length, refused);
      let last = await read();
      let max = last.calls;
      for (let reading = 0; reading < 400; reading += 1) {
        state.nowMs += 1000;
        last = await read();
        max = Math.max(max, last.calls);
      }
      expect([...last.found.keys()].sort()).toEqual(
        names.filter((name) => !refused.includes(name)).sort(),
      );
      expect(max).toBeLessThanOrEqual(20 + 2 * 24 + 1);
    }),
    { numRuns: 20 },
  );
});
