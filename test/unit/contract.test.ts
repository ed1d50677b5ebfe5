/** Nothing that users rely on by name disappears, or becomes stricter, without a line of CHANGELOG.md that names it. */
import { readFileSync } from 'node:fs';
import { compare, toName } from '../contract/compare.ts';
import { contractFile, listPromises, parseContract } from '../contract/contract.ts';
import { toSchemaLines } from '../contract/documents.ts';
import { read } from '../contract/sources.ts';

describe('the contract of this repository', () => {
  const promised = parseContract(readFileSync(contractFile, 'utf8'));
  let kept: readonly string[];
  beforeAll(async () => {
    kept = await listPromises();
  });

  test('what is gone, or stricter than before, is named under "Unreleased" of CHANGELOG.md', () => {
    const { unannounced } = compare(promised, kept, read('CHANGELOG.md'));

    expect(unannounced).toEqual([]);
  });

  test('what is new is in test/contract/contract.txt: npm run contract', () => {
    expect(compare(promised, kept, read('CHANGELOG.md')).added).toEqual([]);
  });

  test.each([
    ['an export', 'export SigningProxy'],
    ['a prop', 'type SigningProxyProps.memorySize = number'],
    ['the default of a prop', 'type SigningProxyProps.memorySize = default 512'],
    ['a method', 'type SigningProxy.addRoute = (string, object): CustomResource'],
    ['a context key', 'context memorySize = whole number'],
    ['an output', 'output Url'],
    ['a variable', 'environment COUNTERSIGN_REFRESH_SECONDS = default 10'],
    ['an error code', 'code NO_ROUTE = 404'],
    ['a field of the access line', 'log request.addedMs'],
    ['a field of a log line', 'log invalid-document.issues.pointer'],
    ['a metric', 'metric Countersign.ttfbMs = Milliseconds'],
    ['a metric of the publisher', 'metric Countersign.refusedDocuments = Count'],
    ['a field of routes', 'route.priority = default 0'],
    ['a field of consumers', 'consumer.username = string'],
    ['an attribute of a plugin', 'route.plugins.limit-count.time_window = maximum 31536000'],
    ['a command', 'command countersign routes list'],
    ['an option', 'command countersign routes put --tier = advanced'],
    ['an argument', 'command countersign routes show = requires <id>'],
    ['an exit status', 'exit NOT_FOUND = 6'],
    ['an entry of the package', 'package entry ./schema/*'],
    ['a schema', 'schema plugins/cors.json'],
  ])('has %s: %s', (_, line) => {
    expect(kept).toContain(line);
  });
});

describe('a change of the contract', () => {
  const changelog = (...items: string[]) =>
    `# Changelog\n\n## Unreleased\n\n${items.map((item) => `- ${item}\n`).join('')}\n## 1.0.0\n\n- \`memorySize\` is gone.\n`;

  test('that adds something is named and breaks nothing', () => {
    expect(compare(['code A = 400'], ['code A = 400', 'code B = 400'], changelog())).toEqual({
      added: ['code B = 400'],
      unannounced: [],
    });
  });

  test.each([
    ['says that it is gone', '`memorySize` of the construct is gone.', []],
    ['says that it is renamed', 'Renamed: the prop `proxy.memorySize` is\n  `memory`.', []],
    [
      'names it, but not as gone',
      '`memorySize` is at least 128.',
      ['type Props.memorySize = number'],
    ],
    ['names it outside of code', 'The memorySize is gone.', ['type Props.memorySize = number']],
    ['names another', '`memorySizeMb` is gone.', ['type Props.memorySize = number']],
  ])('that removes something, where a line %s', (_, item, unannounced) => {
    expect(compare(['type Props.memorySize = number'], [], changelog(item)).unannounced).toEqual(
      unannounced,
    );
  });

  test('is not announced by the lines of an older version', () => {
    expect(compare(['type Props.memorySize = number'], [], changelog()).unannounced).toHaveLength(
      1,
    );
  });

  test.each([
    ['another default', 'route.status = default 1', 'route.status = default 0'],
    ['another type', 'route.status = integer', 'route.status = string'],
    ['another status', 'code NO_ROUTE = 404', 'code NO_ROUTE = 400'],
  ])('to %s breaks the old promise', (_, before, now) => {
    expect(compare([before], [now], changelog()).unannounced).toEqual([before]);
  });

  test.each([
    ['a limit', 'route.retries = maximum 5'],
    ['a required field', 'route.retries = requires count'],
  ])('that adds %s to what exists breaks it', (_, restriction) => {
    const before = ['route.retries = integer'];

    expect(compare(before, [...before, restriction], changelog()).unannounced).toEqual([
      restriction,
    ]);
    expect(compare([], [...before, restriction], changelog()).unannounced).toEqual([]);
  });

  test('that requires less, or drops a limit, breaks nothing', () => {
    const before = ['route = requires id, uri', 'route.retries = maximum 5'];

    expect(compare(before, ['route = requires uri'], changelog()).unannounced).toEqual([]);
  });

  test.each([
    ['type SigningProxyProps.memorySize = number', 'memorySize'],
    ['command countersign routes put --yes = also -y', '--yes'],
    ['route.plugins.limit-count.rules[] = object', 'rules'],
    ['log "a request came. Without any table".path', 'path'],
    ['log "a request came. Without any table" = debug', 'a request came. Without any table'],
    ['code NO_ROUTE = 404', 'NO_ROUTE'],
  ])('%s is named by %s', (line, name) => {
    expect(toName(line)).toBe(name);
  });
});

test('a schema becomes lines about types, defaults, limits and what is required, of alternatives too', () => {
  const name = {
    anyOf: [{ enum: ['a', 'b'] }, { type: 'string', pattern: '[sS][eE][cC][rR][eE][tT]' }],
  };
  const count = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER, default: 2 };

  expect(
    toSchemaLines('x', {
      type: 'object',
      required: ['name'],
      properties: { name, list: { type: 'array', items: count } },
      oneOf: [{ required: ['name'] }],
    }),
  ).toEqual([
    'x = object',
    'x = requires name',
    'x.name = "a"',
    'x.name = "b"',
    'x.name = reference',
    'x.list = array',
    'x.list[] = integer',
    'x.list[] = default 2',
    'x.list[] = minimum 1',
  ]);
});
