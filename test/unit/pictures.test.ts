/** The pictures of the docs show what the pages and the code say. */
import { readStages, toRequestPath } from '../../pictures/request-path.ts';
import { read } from '../contract/sources.ts';

describe('the request path', () => {
  const stages = readStages(read('docs/request-path.md'));
  const names = stages.map(({ name }) => name);

  test('is drawn of the table of its page: npm run pictures', () => {
    expect(read('docs/request-path.svg')).toBe(toRequestPath(stages));
  });

  test('has the stages that handler.ts names, in its order', () => {
    const [, line = ''] = / {5}(event → .*)\n/.exec(read('functions/proxy/handler.ts')) ?? [];
    const named = line.replace('access log', 'log').match(/\w+/g) ?? [];
    // What the event becomes is no stage.
    const expected = named.filter((name) => name !== 'request');

    expect(expected.length).toBeGreaterThan(7);
    expect(names.filter((name) => expected.includes(name))).toEqual(expected);
  });

  test('a stage without a place in the picture is an error', () => {
    expect(() => toRequestPath([{ name: 'weigh', codes: [] }])).toThrow(
      'no place for the stage weigh',
    );
  });
});

test.each(['benchmarks', 'request-path', 'scale'])('%s has colours for dark pages', (name) => {
  expect(read(`docs/${name}.svg`)).toContain('@media (prefers-color-scheme: dark)');
});
