import { createUserId, isUserId } from '../../functions/users/user-id.ts';

test('a user id is a version 7 UUID of the time it was made at', () => {
  // The time of RFC 9562's example, appendix A.6.
  const id = createUserId(new Date('2022-02-22T19:22:22Z'));
  expect(id).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(isUserId(id)).toBe(true);
});

test('user ids sort by time', () => {
  const times = [1, 2, 1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000];
  const ids = times.map((time) => createUserId(new Date(time)));
  expect([...ids].sort()).toEqual(ids);
});

test.each([
  ['nothing', ''],
  ['a number', '7'],
  ['one of another version', '017f22e2-79b0-4cc3-98c4-dc0c0c07398f'],
  ['one in capitals', '017F22E2-79B0-7CC3-98C4-DC0C0C07398F'],
  ['one with more behind it', '017f22e2-79b0-7cc3-98c4-dc0c0c07398f/x'],
])('%s is no user id', (_, text) => {
  expect(isUserId(text)).toBe(false);
});
