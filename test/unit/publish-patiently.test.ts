import { parseTask } from '../../functions/publisher/task.ts';
import { publishPatiently } from '../../functions/publisher-on-deploy/publish-patiently.ts';
import { toTaskEvent } from '../../functions/publisher-on-deploy/to-task-event.ts';

/** A clock that only sleeping moves on. */
function createClock() {
  let nowMs = 0;
  return {
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a publication that IAM refuses at first is made as soon as IAM knows of the policy', async () => {
  const clock = createClock();
  const publish = async () => {
    if (clock.now() < 60_000) throw new Error('AccessDenied');
    return 'published';
  };
  expect(await publishPatiently(publish, { clock, deadline: 900_000 })).toBe('published');
});

test.each([
  ['for a minute and a quarter', 900_000, 75_000],
  ['until the function has to answer', 10_000, 10_000],
])('a publication that keeps failing is tried again %s', async (_, deadline, latestMs) => {
  const clock = createClock();
  const publish = () => Promise.reject(new Error('AccessDenied'));
  await expect(publishPatiently(publish, { clock, deadline })).rejects.toThrow('AccessDenied');
  expect(clock.now()).toBeLessThanOrEqual(latestMs);
  expect(clock.now()).toBeGreaterThan(latestMs / 2);
});

test('the publisher understands what it is sent: everything, or the parameters that were created', () => {
  expect(parseTask(toTaskEvent(undefined), '/edge')).toEqual({
    kind: 'everything',
    isDeployment: true,
  });
  expect(parseTask(toTaskEvent(['/edge/routes/a', '/edge/routes/b']), '/edge')).toEqual({
    kind: 'changes',
    changes: [
      { name: '/edge/routes/a', isDeletion: false },
      { name: '/edge/routes/b', isDeletion: false },
    ],
  });
});
