/** Expressions and schemas that many routes and consumers have from one shared object are compiled once. */
import { keepCompiled, rememberTexts } from '../../functions/proxy/documents/kept-compiled.ts';
import { compilePatterns } from '../../functions/proxy/documents/pattern.ts';
import { compileValidator } from '../../functions/proxy/plugins/traffic/request-validation/validator.ts';

test('equal lists of expressions are compiled once', () => {
  const list = ['^bot', 'evil$'];

  expect(compilePatterns(list)).toBe(compilePatterns([...list]));
});

test('other options, and another order, are another search', () => {
  const search = compilePatterns(['a', 'b']);

  expect(compilePatterns(['b', 'a'])).not.toBe(search);
  expect(compilePatterns(['a', 'b'], { isCaseInsensitive: true })).not.toBe(search);
  expect(compilePatterns(['a', 'b'], { isToEnd: true })).not.toBe(search);
});

test('a schema is compiled once, and its steps count for each document that has it', () => {
  const schema = { type: 'object', properties: { name: { type: 'string', pattern: '^a{20}$' } } };
  const count = () => {
    let sum = 0;
    const countSteps = (steps: number) => {
      sum += steps;
    };
    const validate = compileValidator({ schema, parts: 2 }, { pointer: '', countSteps });
    return { sum, validate };
  };
  const [first, second] = [count(), count()];

  expect(second).toEqual(first);
  expect(second.validate).toBe(first.validate);
});

test('what is compiled stays while others are compiled', () => {
  let count = 0;
  const compile = () => {
    count += 1;
    return {};
  };
  const first = keepCompiled(['test', 0], compile);
  for (let index = 1; index < 20; index += 1) keepCompiled(['test', index], compile);

  expect(keepCompiled(['test', 0], compile)).toBe(first);
  expect(count).toBe(20);
});

test('the last texts are remembered, and the oldest is forgotten', () => {
  const asked: string[] = [];
  const judge = rememberTexts(2, (text) => {
    asked.push(text);
    return text === 'a' ? undefined : text;
  });
  for (const text of ['a', 'a', 'b', 'a', 'c', 'b']) judge(text);

  expect(asked).toEqual(['a', 'b', 'c', 'b']);
});
