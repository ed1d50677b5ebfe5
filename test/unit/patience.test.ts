/** Which calls to AWS are made again, and for how long: counted on a clock that only sleeping moves. */
import { createPatience } from '../../functions/create-route/patience.ts';

const fail = (name: string, more: object = {}) => Object.assign(new Error(name), { name, ...more });
const denied = fail('AccessDeniedException', { $metadata: { httpStatusCode: 400 } });
const throttled = fail('ThrottlingException', { $metadata: { httpStatusCode: 400 } });

function createRig({ deniedMs = 60_000, deadline = 600_000 } = {}) {
  let now = 0;
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const attempt = createPatience({ clock, deadline, deniedMs });
  let calls = 0;
  /** A call that fails with these, one after the other, then works. */
  const run = (errors: readonly Error[], operation = 'PutParameter') => {
    const left = [...errors];
    return attempt(operation, async () => {
      calls += 1;
      const error = left.shift();
      if (error) throw error;
      return 'done';
    });
  };
  return { run, clock, calls: () => calls };
}

const endless = (error: Error) => Array.from({ length: 10_000 }, () => error);

test('a call that works is made once, and nothing waits', async () => {
  const { run, clock, calls } = createRig();
  for (let count = 0; count < 200; count += 1) await run([]);
  expect([calls(), clock.now()]).toEqual([200, 0]);
});

test('a refusal by a policy that IAM has not spread yet is waited out', async () => {
  const { run, clock } = createRig();
  expect(await run(endless(denied).slice(0, 10))).toBe('done');
  expect(clock.now()).toBeLessThanOrEqual(60_000);
});

test('a refusal that lasts is thrown after a minute, and the next call of any kind at once', async () => {
  const { run, clock, calls } = createRig();
  await expect(run(endless(denied))).rejects.toBe(denied);
  expect(clock.now()).toBeGreaterThan(50_000);
  expect(clock.now()).toBeLessThanOrEqual(60_000);

  const before = calls();
  await expect(run(endless(denied), 'AddTags')).rejects.toBe(denied);
  expect(calls() - before).toBe(1);
});

test('a refusal is thrown at once where none can be waited out', async () => {
  const { run, calls } = createRig({ deniedMs: 0 });
  await expect(run([denied])).rejects.toBe(denied);
  expect(calls()).toBe(1);
});

test.each(['ThrottlingException', 'TooManyUpdates'])(
  'after %s, later calls of the operation keep a distance, and others do not',
  async (name) => {
    const { run, clock } = createRig();
    await run([fail(name)]);
    const begun = clock.now();
    await run([], 'ListTags');
    expect(clock.now()).toBe(begun);
    await run([]);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(1000 / 3);
  },
);

test('hundreds of calls come through where three a second are allowed, within ten minutes', async () => {
  const { run, clock } = createRig();
  let free = 10;
  let filled = 0;
  /** A bucket of ten, three more each second. */
  const isAllowed = () => {
    free = Math.min(10, free + ((clock.now() - filled) / 1000) * 3);
    filled = clock.now();
    if (free < 1) return false;
    free -= 1;
    return true;
  };
  for (let count = 0; count < 600; count += 1) await run(isAllowed() ? [] : [throttled]);
  expect(clock.now()).toBeLessThan(600_000);
});

test('a throttled call is given up at the deadline', async () => {
  const { run, clock } = createRig({ deadline: 30_000 });
  await expect(run(endless(throttled))).rejects.toBe(throttled);
  expect(clock.now()).toBeLessThanOrEqual(30_000);
});

test.each([
  ['a failure of AWS', fail('InternalServerError', { $metadata: { httpStatusCode: 500 } })],
  ['a broken connection', fail('Error', { code: 'ECONNRESET' })],
  ['a timeout', fail('TimeoutError')],
])('%s is tried again a few times', async (_, error) => {
  expect(await createRig().run([error, error])).toBe('done');
  const { run, calls } = createRig();
  await expect(run(endless(error))).rejects.toBe(error);
  expect(calls()).toBeLessThan(10);
});

test('what Parameter Store refuses is thrown at once', async () => {
  const { run, calls } = createRig();
  const limit = fail('ParameterLimitExceeded', { $metadata: { httpStatusCode: 400 } });
  await expect(run([limit])).rejects.toBe(limit);
  expect(calls()).toBe(1);
});
