import {
  decodeOnce,
  foldRuns,
  isPlain,
  normalizeEscapes,
  toNibble,
} from '../../functions/proxy/http/percent.ts';

test.each([
  ['%41', 'A'],
  ['%01', '\x01'],
  ['%10', '\x10'],
  ['%aF', '\xaf'],
  ['a%4', 'a%4'],
  ['%', '%'],
  ['%z1', '%z1'],
  ['%1z', '%1z'],
  ['%%41', '%A'],
  ['\xe4%41', '\xe4A'],
  ['no escape, and \u20ac', 'no escape, and \u20ac'],
])('%j decoded once is %j', (text, expected) => {
  expect(decodeOnce(text)).toBe(expected);
});

test.each([
  ['/a//%c3', '/a/%C3'],
  ['/a//%7e//b', '/a/~/b'],
  ['/%7f', '/%7F'],
  ['/%21', '/!'],
  ['/\xe4//b', '/\xe4/b'],
])('%j is compared as %j', (text, expected) => {
  expect(normalizeEscapes(text)).toBe(expected);
});

test.each([
  ['  a  b ', ' a b '],
  ['ab', 'ab'],
  ['   ', ' '],
  ['a   b', 'a b'],
  ['aabb', 'aabb'],
  ['', ''],
])('runs of blanks in %j are made one: %j', (text, expected) => {
  expect(foldRuns(Buffer.from(text), 0x20).toString()).toBe(expected);
});

test.each([
  ['0', 0],
  ['9', 9],
  ['A', 10],
  ['f', 15],
  ['/', Number.NaN],
  [':', Number.NaN],
  ['@', Number.NaN],
  ['G', Number.NaN],
  ['`', Number.NaN],
  ['g', Number.NaN],
  ['\x10', Number.NaN],
])('the hexadecimal digit %j is worth %d', (digit, expected) => {
  expect(toNibble(digit.charCodeAt(0))).toBe(expected);
});

test.each([
  [' ', false],
  ['!', true],
  ['~', true],
  ['\x7f', false],
  ['/', false],
  ['\\', false],
  ['%', false],
])('an escape of %j means the same as the character: %s', (character, expected) => {
  expect(isPlain(character.charCodeAt(0))).toBe(expected);
});
