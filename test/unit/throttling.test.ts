import { retryThrottled } from '../../functions/proxy/routes/throttling.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { rejectionOf } from '../support/builders.ts';

const throttle = new AwsServiceError('ThrottlingException', 400, 'Rate exceeded');

/** @param throttles how many calls are throttled before one is answered */
function createRig(throttles: number, failure: Error = throttle) {
  const waits: number[] = [];
  let calls = 0;
  let slow = 0;
  const send = async () => {
    calls += 1;
    if (calls <= throttles) throw failure;
    return 'page';
  };
  const pacing = {
    random: () => 0.5,
    sleep: async (ms: number) => {
      waits.push(ms);
    },
    onSlow: () => {
      slow += 1;
    },
  };
  return { send, pacing, waits, calls: () => calls, slow: () => slow };
}

test('a throttled call is made again, after waits that grow up to ten seconds', async () => {
  const { send, pacing, waits } = createRig(8);
  expect(await retryThrottled(send, pacing)).toBe('page');
  expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});

test('each wait is random, from nothing on', async () => {
  const { send, pacing, waits } = createRig(3);
  await retryThrottled(send, { ...pacing, random: () => 0 });
  expect(waits).toEqual([0, 0, 0]);
});

test('a call that is always throttled is given up after 18 tries', async () => {
  const { send, pacing, calls } = createRig(Number.POSITIVE_INFINITY);
  expect(await rejectionOf(retryThrottled(send, pacing))).toBe(throttle);
  expect(calls()).toBe(18);
});

test.each([
  [4, 0],
  [5, 1],
  [12, 1],
])('after %d throttled tries the operator was told %d times', async (throttles, told) => {
  const { send, pacing, slow } = createRig(throttles);
  await retryThrottled(send, pacing);
  expect(slow()).toBe(told);
});

test('any other failure is not tried again', async () => {
  const denied = new AwsServiceError('AccessDeniedException', 400, 'no');
  const { send, pacing, calls } = createRig(1, denied);
  expect(await rejectionOf(retryThrottled(send, pacing))).toBe(denied);
  expect(calls()).toBe(1);
});
