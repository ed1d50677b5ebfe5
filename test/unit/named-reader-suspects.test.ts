/** Names that may not be read: which of them are remembered, forgotten, asked for again. */
import { createNamedReader, isRefused } from '../../functions/proxy/routes/named-reader.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';

const denied = new AwsServiceError('AccessDeniedException', 400, 'no');
const minuteMs = 60_000;
const toNames = (count: number) => Array.from({ length: count }, (_, index) => `/n${index}`);

/** A reader of a store in which some names may not be read, and the names of each call. */
function createRig(refused: readonly string[]) {
  const clock = { ms: 0 };
  const calls: (readonly string[])[] = [];
  const reader = createNamedReader<string>({
    now: () => clock.ms,
    readBatch: async (names) => {
      calls.push(names);
      if (names.some((name) => refused.includes(name))) throw denied;
      return new Map(names.map((name) => [name, name]));
    },
  });
  const asked = () => calls.splice(0).flat();
  return { reader, clock, asked };
}

test.each([
  [denied, true],
  [new AwsServiceError('ParameterNotFound', 400, ''), true],
  [new AwsServiceError('AccessDeniedException', 499, ''), true],
  [new AwsServiceError('AccessDeniedException', 500, ''), false],
  [new AwsServiceError('AccessDeniedException', 429, ''), false],
  [new AwsServiceError('ValidationThrottled', 400, ''), false],
  [new AwsServiceError('UnrecognizedClientException', 400, ''), false],
  [new TypeError('AccessDenied'), false],
  [Object.assign(new Error('of another kind'), { type: 'AccessDenied', status: 400 }), false],
])('%s is about what was asked for: %s', (error, expected) => {
  expect(isRefused(error)).toBe(expected);
});

test('a name that is refused alone is decided, rests for a minute, and stops no reading', async () => {
  const { reader, clock, asked } = createRig(['/n1']);
  const first = await reader.readAll(toNames(4));
  asked();
  const second = await reader.readAll(toNames(4));

  expect([first.failure, second.failure, first.undecided.size]).toEqual([undefined, undefined, 0]);
  expect([...second.values.keys()].sort()).toEqual(['/n0', '/n2', '/n3']);
  expect(asked()).toEqual(['/n0', '/n2', '/n3']);
  clock.ms += minuteMs;
  await reader.readMore(['/n0']);
  expect(asked()).toEqual(['/n0']);
  await reader.readAll(toNames(4));
  expect(asked()).toEqual(['/n0', '/n2', '/n3', '/n1']);
});

test('names that were refused together are undecided until each was asked for alone', async () => {
  const names = toNames(100);
  const { reader, clock } = createRig(names);
  const sizes: number[] = [];
  for (let reading = 0; reading < 150; reading += 1) {
    const { undecided } = await reader.readAll(names);
    sizes.push(undecided.size);
    clock.ms += 1;
  }

  expect(sizes[0]).toBeGreaterThan(50);
  expect(sizes.every((size, index) => size <= (sizes[index - 1] ?? 100))).toBe(true);
  expect(sizes.at(-1)).toBe(0);
});

test('a name that nobody wants any more is forgotten, and one that is wanted elsewhere is not', async () => {
  const { reader, asked } = createRig(['/n1', '/n2']);
  const names = toNames(3);
  await reader.readAll(names);
  await reader.readAll(['/n0'], ['/n0', '/n2']);
  asked();
  await reader.readAll(names);

  expect(new Set(asked())).toEqual(new Set(['/n0', '/n1']));
});

test('a name about which something has changed is asked for by the next reading, and others are not', async () => {
  const { reader, asked } = createRig(['/n1', '/n2']);
  await reader.readAll(toNames(3));
  reader.forget(['/n1']);
  asked();
  await reader.readAll(toNames(3));

  expect(asked().filter((name) => name === '/n1').length).toBeGreaterThan(0);
  await reader.readAll(toNames(3));
  expect(asked()).not.toContain('/n2');
});

test('a name is asked for once, however often it is wanted', async () => {
  const { reader, asked } = createRig([]);
  await reader.readMore(['/n0', '/n0']);
  await reader.readAll(['/n1', '/n1']);

  expect(asked()).toEqual(['/n0', '/n1']);
});

test('a name that is found out by halving rests for a minute first', async () => {
  const { reader, clock, asked } = createRig(toNames(100));
  for (let reading = 0; reading < 150; reading += 1) await reader.readAll(toNames(100));
  asked();
  clock.ms += minuteMs;
  for (let reading = 0; reading < 150; reading += 1) await reader.readAll(toNames(100));

  expect(new Set(asked()).size).toBe(100);
});

test('of names that were refused together one can be asked for again, and the others stay undecided', async () => {
  const names = toNames(100);
  const { reader } = createRig(names);
  const { undecided } = await reader.readAll(names);
  const [one = '', ...others] = undecided;
  reader.forget([one]);
  const after = (await reader.readMore([])).undecided;

  expect([after.has(one), others.every((name) => after.has(name))]).toEqual([false, true]);
});
