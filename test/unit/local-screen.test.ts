import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { createScreen } from '../../local/start/screen.ts';

function show(isTTY: boolean, env: Readonly<Record<string, string>> = {}): string {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const screen = createScreen({ stream, env });
  screen.printGreeting('Countersign: http://127.0.0.1:3000\n  # a comment\n  curl x\n');
  screen.printLine('{"type":"access","method":"GET","path":"/a","status":502,"totalMs":1}');
  return readAll(stream);
}

/** A read may give one write only. */
function readAll(stream: PassThrough): string {
  let text = '';
  for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) text += String(chunk);
  return text;
}

it('has colours on a terminal: the proxy’s URL, comments and failed requests', () => {
  const text = show(true);
  const coloured = text.split('\n').filter((line) => stripVTControlCharacters(line) !== line);

  expect(coloured.map((line) => stripVTControlCharacters(line).trim().split(' ')[0])).toEqual([
    'Countersign:',
    '#',
    expect.stringMatching(/^\d\d:/),
  ]);
});

it.each([
  ['elsewhere', false, {}],
  ['with NO_COLOR', true, { NO_COLOR: '1' }],
  ['on a dumb terminal', true, { TERM: 'dumb' }],
])('has none %s', (_, isTTY, env) => {
  const text = show(isTTY, env);

  expect(stripVTControlCharacters(text)).toBe(text);
});

it('lets no path and no name control the terminal', () => {
  const stream = Object.assign(new PassThrough(), { isTTY: false });
  const screen = createScreen({ stream, env: {} });
  screen.printLine(
    JSON.stringify({
      type: 'access',
      method: 'GET',
      path: '/\u001b[2J\u202ex\ny',
      status: 200,
      totalMs: 1,
    }),
  );
  screen.printLine('plain \u001b]0;title\u0007');
  screen.printGreeting('  curl /\u001b[31m\n  next\n');

  const text = readAll(stream);

  expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  expect(text).toContain('/�[2J�x y 200 1 ms\n');
  expect(text).toContain('  curl /�[31m\n  next\n');
});
