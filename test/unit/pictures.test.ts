/** The pictures of the docs show what the pages and the code say. */
import { toAlarmNames } from '../../pictures/dashboard.ts';
import { type Scene, toFirstMinute } from '../../pictures/first-minute.ts';
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

describe('the first minute', () => {
  const scenes = JSON.parse(read('pictures/first-minute.json')) as readonly Scene[];
  const commands = scenes.flatMap(({ steps }) => steps.map(({ command }) => command));

  test('is drawn of its recording: npm run pictures', () => {
    expect(read('docs/first-minute.svg')).toBe(toFirstMinute(scenes));
  });

  test('begins with the commands of the README, and ends with a route that is switched off', () => {
    const readme = read('README.md');

    for (const command of commands.slice(0, 3)) expect(readme).toContain(command);
    expect(commands.slice(3).join(' ')).toContain('routes disable');
    expect(scenes.at(-1)?.steps.at(-1)?.output.join('')).toContain('"code":"NO_ROUTE"');
  });

  test('shows each line that was recorded, in its order', () => {
    const svg = toFirstMinute([
      { title: 'One', steps: [{ command: 'echo "<a>"', output: ['<a>', 'x'.repeat(150)] }] },
      { title: 'Two', steps: [{ command: 'true', output: [] }] },
    ]);
    const lines = [...svg.matchAll(/<text class="line [^>]*>(.*)<\/text>/g)].map(([, text = '']) =>
      text.replace(/<[^>]+>/g, ''),
    );

    expect(lines).toEqual([
      ...['$ echo &quot;&lt;a&gt;&quot;', '&lt;a&gt;', 'x'.repeat(100), 'x'.repeat(50), '$ true'],
    ]);
  });

  test('stands still where motion is not wanted, at the last scene', () => {
    const svg = toFirstMinute(scenes);
    const titles = [...svg.matchAll(/<text class="note title (at\d+)"/g)].map(([, name]) => name);
    const rules = titles.map((name) => new RegExp(`\\.${name} \\{([^}]*)\\}`).exec(svg)?.[1] ?? '');

    expect(svg).toContain(
      '@media (prefers-reduced-motion: reduce) { svg text[class] { animation: none',
    );
    expect(rules.map((rule) => rule.includes('opacity: 0'))).toEqual([true, true, false]);
  });
});

test('the dashboard names its alarms', () => {
  const ids = ['ProxyAlarmsServerErrors0A1B2C3D', 'ProxyAlarmsThrottles0A1B2C3D'];

  expect(toAlarmNames(ids)).toEqual(['ServerErrors', 'Throttles']);
});

test.each(['benchmarks', 'dashboard', 'first-minute', 'request-path', 'scale'])(
  '%s has colours for dark pages',
  (name) => {
    expect(read(`docs/${name}.svg`)).toContain('@media (prefers-color-scheme: dark)');
  },
);
