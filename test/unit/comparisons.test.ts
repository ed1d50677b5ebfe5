/** The comparisons of conditions, one by one, and what they cost. */
import { toTotalSize } from '../../functions/proxy/documents/pattern.ts';
import { type ConditionSubject, findOperation } from '../../functions/proxy/plugins/comparison.ts';
import { compileExpression } from '../../functions/proxy/plugins/expression.ts';
import { codeThrownBy, thrownBy } from '../support/builders.ts';

type Values = Readonly<Record<string, string | undefined>>;

function toSubject(values: Values, spent: number[] = []): ConditionSubject {
  return { read: (name) => values[name], spend: (steps) => void spent.push(steps) };
}

function compile(written: readonly unknown[]) {
  const counted: [number, string][] = [];
  const countSteps = (...count: [number, string]) => void counted.push(count);
  const condition = compileExpression(written, { unknown: {}, pointer: '/vars', countSteps });
  return { condition, counted };
}

const compare = (operator: unknown, constant: unknown, value: string | undefined) =>
  compile([['arg_x', operator, constant]]).condition(toSubject({ arg_x: value }));
const pointerOf = (written: readonly unknown[]) =>
  Object(thrownBy(() => compile(written))).issues?.[0].pointer;

test.each<[string, unknown, readonly (string | undefined)[], readonly (string | undefined)[]]>([
  ['==', 17, ['17', ' 17 ', '1.7e1', '+17.0'], ['18', '0x11', '', undefined, '17a']],
  ['==', 0, ['0', '-0', '.0'], ['', ' ', 'x', '0x0']],
  ['==', '17', ['17'], ['17.0']],
  ['==', null, [undefined], ['', '0']],
  ['~=', 17, ['18', undefined], ['17']],
  ['>', 5, ['6'], ['5', '4', 'x', undefined, 'Infinity']],
  ['>=', '5', ['5', '6'], ['4', 'x', undefined]],
  ['<', 5, ['4'], ['5', '6', 'x', undefined]],
  ['<=', 5, ['5', '4'], ['6', '', undefined]],
  ['in', ['a', 5, null], ['a', '5', '5.0', undefined], ['b', '6', '']],
  ['~~', '^a+$', ['a', 'aa'], ['A', 'b', undefined]],
  ['~*', '^a+$', ['a', 'AA'], ['b', undefined]],
  ['IPMatch', '10.0.0.0/8', ['10.1.1.1'], ['11.1.1.1', 'x', undefined]],
  ['has', 'a', [], ['a', undefined]],
])('%s %j holds for %j, and not for %j', (operator, constant, holding, others) => {
  expect(holding.filter((value) => !compare(operator, constant, value))).toEqual([]);
  expect(others.filter((value) => compare(operator, constant, value))).toEqual([]);
});

test('a number has 64 characters at most', () => {
  const toText = (length: number) => '1'.padStart(length, '0');

  expect([compare('==', 1, toText(64)), compare('==', 1, toText(65))]).toEqual([true, false]);
});

test.each(['constructor', '', 7, undefined])('%j is no operator', (operator) => {
  expect(findOperation(operator)).toBeUndefined();
});

test.each<[string, readonly unknown[]]>([
  ['/vars/0/2', [['arg_x', '>', [5]]]],
  ['/vars/0/2', [['arg_x', '>', 'many']]],
  ['/vars/0/2', [['arg_x', '==', {}]]],
  ['/vars/0/2', [['arg_x', 'in', 'a']]],
  ['/vars/0/2/1', [['arg_x', 'in', ['a', true]]]],
  ['/vars/0/2', [['arg_x', '~~', '(']]],
  ['/vars/0/1', [['arg_x', '!', '==']]],
  ['/vars/0/2', [['arg_x', '!', 'constructor', 1]]],
  ['/vars/0/0', [[7, '==', 1]]],
  ['/vars/1', [['arg_x', '==', 1], []]],
  ['/vars/1', ['AND', 'arg_x', ['arg_x', '==', 1]]],
  ['/vars/1', ['AND', null, ['arg_x', '==', 1]]],
  ['/vars', ['AND', ['arg_x', '==', 1]]],
])('the fault at %s of %j is found', (pointer, written) => {
  expect(pointerOf(written)).toBe(pointer);
});

test.each([
  ['AND', [true, false, false]],
  ['or', [true, true, false]],
  ['!AND', [false, true, true]],
  ['!or', [false, false, true]],
])('%s of two comparisons', (word, expected) => {
  const { condition } = compile([word, ['arg_a', '==', '1'], ['arg_b', '!', '~=', '1']]);
  const subjects = [
    { arg_a: '1', arg_b: '1' },
    { arg_a: '1', arg_b: '2' },
    { arg_a: '2', arg_b: '2' },
  ];

  expect(subjects.map((values) => condition(toSubject(values)))).toEqual(expected);
});

test.each([
  ['aaaa', 4],
  ['ääää', 32],
])('a search of %s spends its steps for %d characters', (value, characters) => {
  const spent: number[] = [];
  const { condition, counted } = compile([['arg_x', '~~', 'b+c']]);
  condition(toSubject({ arg_x: value }, spent));
  const size = toTotalSize(['b+c']);

  expect(counted).toEqual([[size, '/vars/0/2']]);
  expect(spent).toEqual([20, size * characters]);
});

test('expressions of one condition have 1000 steps at most', () => {
  const toExpression = (size: number) => 'a'.repeat(size - toTotalSize(['a']) + 1);
  expect(toTotalSize([toExpression(1000)])).toBe(1000);

  expect(() => compile([['arg_x', '~~', toExpression(1000)]])).not.toThrow();
  expect(pointerOf([['arg_x', '~~', toExpression(1001)]])).toBe('/vars/0/2');
});

test('a search that takes too many steps refuses the request', () => {
  const value = 'a'.repeat(8000);

  expect(codeThrownBy(() => compare('~~', 'a.{1,400}b', value))).toBe('MALFORMED_REQUEST');
});
