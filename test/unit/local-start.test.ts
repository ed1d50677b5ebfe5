import { inheritedEnv } from '../../local/process-env.ts';
import { renderLogLine } from '../../local/start/log-lines.ts';
import { readOptions, UsageError } from '../../local/start/options.ts';

describe('the command line', () => {
  test('has defaults', () => {
    expect(readOptions([])).toMatchObject({
      ...{ part: 'all', port: 3000, isPortFixed: false, parameterStorePort: 3001 },
      ...{ parameterStoreUrl: 'http://127.0.0.1:3001', watch: false, help: false },
      env: { NODE_OPTIONS: '--enable-source-maps' },
    });
  });

  test('is read', () => {
    const args = ['--port=80', '--part', 'proxy', '--env', 'A=1', '--env', 'B=x=y'];
    expect(readOptions(args)).toMatchObject({
      ...{ part: 'proxy', port: 80, isPortFixed: true, env: { A: '1', B: 'x=y' } },
    });
  });

  test.each([
    [['--port', 'http'], '--port: found http, expected a port'],
    [['--port', '70000'], '--port: found 70000'],
    [['--snapshot', '--part', 'proxy'], '--snapshot: found --part proxy, expected the whole stack'],
    [['--part', 'half'], '--part: found half, expected all, proxy, parameter-store or upstreams'],
    [['--env', 'novalue'], '--env: found novalue, expected NAME=VALUE'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])('%j is refused in words', (args, message) => {
    expect(() => readOptions(args)).toThrow(UsageError);
    expect(() => readOptions(args)).toThrow(message);
  });
});

describe('a log line', () => {
  const time = new Date(2026, 10, 20, 12, 0, 1).toISOString();
  const render = (entry: object) => renderLogLine(JSON.stringify({ time, ...entry }));

  test('leaves out what only CloudWatch reads', () => {
    const entry = { level: 'error', message: 'no', invalidDocuments: 1, _aws: { Timestamp: 1 } };
    expect(render(entry)).toBe('12:00:01 error no invalidDocuments=1');
  });

  test('of the access log is one short line', () => {
    const entry = {
      ...{ type: 'access', level: 'info', requestId: 'r', method: 'GET', path: '/hello' },
      ...{ route: 'hello', status: 200, totalMs: 12.3 },
    };
    expect(render(entry)).toBe('12:00:01 GET /hello 200 12.3 ms route=hello');
    expect(render({ ...entry, status: 504, error: 'TIMEOUT' })).toBe(
      '12:00:01 GET /hello 504 12.3 ms route=hello error=TIMEOUT',
    );
  });

  test('of another kind has level, message and the rest', () => {
    expect(render({ level: 'warn', message: 'not valid', parameter: '/a/b', reason: 'x y' })).toBe(
      '12:00:01 warn not valid parameter=/a/b reason="x y"',
    );
  });

  test.each(['plain text', '{broken', '{"no":"level"}', ''])('%j passes as it is', (line) => {
    expect(renderLogLine(line)).toBe(line);
  });
});

test('a child inherits nothing of the AWS account', () => {
  const env = { PATH: '/bin', HOME: '/h', NODE_OPTIONS: '-x', AWS_PROFILE: 'mine', TERM: 'x' };
  expect(inheritedEnv(env)).toEqual({ PATH: '/bin', HOME: '/h', NODE_OPTIONS: '-x' });
});
