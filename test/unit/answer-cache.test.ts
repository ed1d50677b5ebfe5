import { createAnswerCache } from '../../functions/proxy/plugins/authentication/forward-auth/answer-cache.ts';

const answer = (text: string) => ({ status: 200, headers: [], body: Buffer.from(text) });

test('a full cache forgets the answer that was kept first, and no other', () => {
  const cache = createAnswerCache(60_000, () => 0);
  for (let index = 0; index < 1001; index += 1) cache.keep(`key-${index}`, answer(String(index)));

  expect(cache.find('key-0')).toBeUndefined();
  expect(cache.find('key-1')?.body.toString()).toBe('1');
  expect(cache.find('key-1000')?.body.toString()).toBe('1000');
});

test('an answer that is kept again counts as the newest', () => {
  const cache = createAnswerCache(60_000, () => 0);
  for (let index = 0; index < 1000; index += 1) cache.keep(`key-${index}`, answer(''));
  cache.keep('key-0', answer('again'));
  cache.keep('key-1000', answer(''));

  expect(cache.find('key-0')?.body.toString()).toBe('again');
  expect(cache.find('key-1')).toBeUndefined();
});

test('an answer is found until its time is over, not at that time', () => {
  let nowMs = 0;
  const cache = createAnswerCache(1000, () => nowMs);
  cache.keep('key', answer('x'));
  nowMs = 999;
  expect(cache.find('key')).toBeDefined();
  nowMs = 1000;
  expect(cache.find('key')).toBeUndefined();
});

test.each([
  [16 * 1024, true],
  [16 * 1024 + 1, false],
])('an answer of %i bytes is kept: %s', (bytes, isKept) => {
  const cache = createAnswerCache(1000, () => 0);
  cache.keep('key', answer('x'.repeat(bytes)));
  expect(cache.find('key') !== undefined).toBe(isKept);
});
