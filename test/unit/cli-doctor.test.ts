import { judgeDocuments } from '../../cli/doctor/documents.ts';
import { judgeTable } from '../../cli/doctor/endpoint.ts';
import { countFindings, judgeClock } from '../../cli/doctor/finding.ts';
import { toRoute } from '../support/builders.ts';

it.each([
  [['ok'], '1 check: 1 ok'],
  [['ok', 'warning', 'ok'], '3 checks: 2 ok, 1 warning'],
  [
    ['failed', 'skipped', 'warning', 'warning', 'failed'],
    '5 checks: 2 warnings, 2 failed, 1 skipped',
  ],
] as const)('%j are counted as %s', (statuses, text) => {
  const findings = statuses.map((status) => ({ check: 'clock', status, text: '' }) as const);

  expect(countFindings(findings)).toBe(text);
});

describe('the clock', () => {
  const at = (seconds: number, host = 'a') => ({ host, theirsMs: 0, oursMs: seconds * 1000 });

  it.each([
    [0, 'ok', 'less than a second off the clock of a'],
    [59, 'ok', '59 s off the clock of a'],
    [-60, 'warning', '60 s off the clock of a'],
    [239, 'warning', '239 s off the clock of a'],
    [-240, 'failed', '240 s off the clock of a'],
  ])('%d s off is %s', (seconds, status, text) => {
    expect(judgeClock([at(seconds)])).toMatchObject({ check: 'clock', status, text });
  });

  it('goes by the server that is furthest off', () => {
    expect(judgeClock([at(1), at(-300, 'b'), at(2)])).toMatchObject({
      status: 'failed',
      text: '300 s off the clock of b',
      todo: expect.stringContaining('Set the clock'),
    });
  });

  it('is not judged without a server that tells its time', () => {
    expect(judgeClock([{ host: 'a', theirsMs: Number.NaN, oursMs: 0 }])).toMatchObject({
      status: 'skipped',
    });
  });
});

it.each([
  [undefined, 'x', 'ok'],
  ['x', 'x', 'ok'],
  ['x', undefined, 'ok'],
  ['x', 'y', 'warning'],
])('the table %s where Parameter Store has %s is %s', (shown, expected, status) => {
  expect(judgeTable(shown, expected)).toMatchObject({ check: 'table', status });
});

describe('documents', () => {
  const loaded = {
    table: { version: 'abc' } as never,
    routes: [],
    invalid: [],
    warnings: [],
    unknownVariables: [],
  };
  const context = {
    root: '/countersign/prod',
    commandLine: (rest: string) => `npx countersign ${rest}`,
  };
  const written = (id: string, parts = {}) => ({
    ...toRoute({ id, ...parts }),
    ...{ version: 1, written: {} },
  });

  it('are fine, and those open to all are named', () => {
    const routes = [written('a', { isOpen: true }), written('b', { isOpen: false })];

    expect(judgeDocuments({ ...loaded, routes }, context)).toEqual([
      {
        check: 'parameters',
        status: 'ok',
        text: '2 routes in force below /countersign/prod, table abc; open to all: a',
      },
    ]);
  });

  it('are too few when no route is enabled', () => {
    const routes = [written('a', { isEnabled: false })];

    expect(judgeDocuments({ ...loaded, routes }, context)).toMatchObject([
      { status: 'warning', todo: expect.stringContaining('npx countersign routes put') },
    ]);
  });

  it.each([
    [undefined, 'npx countersign routes edit a'],
    [3, 'npx countersign routes edit a, or roll back: npx countersign routes rollback a --to 3'],
  ])('that are invalid with %s in force come with the commands that help', (lastValid, command) => {
    const invalid = [
      {
        parameter: '/countersign/prod/routes/a',
        version: 4,
        fault: 'malformed' as const,
        inForce: lastValid ?? null,
        lastValid,
        issues: [{ pointer: '/uri', found: 'nothing', expected: 'a path' }],
      },
    ];
    const [, finding] = judgeDocuments({ ...loaded, invalid }, context);

    expect(finding).toMatchObject({
      status: 'failed',
      text: expect.stringContaining('at /uri: found nothing, expected a path'),
      todo: `Correct it: ${command}`,
    });
  });

  it.each([
    ['$env://A', 'skipped'],
    ['$env://AB', 'failed'],
    ['nothing', 'failed'],
  ])('that found %s, where A is known only to the function, are %s', (found, status) => {
    const other = { pointer: '/uri', found: '"$env://A"', expected: 'a path' };
    const issues = [other, { pointer: '/host', found: `"${found}"`, expected: 'a host' }];
    const document = { parameter: '/countersign/prod/routes/a', version: 1, inForce: null, issues };
    const invalid = [{ ...document, fault: 'unfulfilled' as const, lastValid: undefined }];
    const [, finding] = judgeDocuments({ ...loaded, invalid, unknownVariables: ['A'] }, context);

    expect(finding?.status).toBe(status);
    if (status === 'skipped') expect(finding?.todo).toBe('Give its value: --env A=<value>.');
  });
});
