/** Judges the documents that were read from Parameter Store. Pure. */
import type { InvalidDocument } from '../../functions/proxy/routes/findings.ts';
import { toConsequence } from '../../functions/proxy/routes/invalid-document.ts';
import { kinds } from '../documents/kinds.ts';
import type { LoadedTable } from '../rehearsal/load-table.ts';
import type { Finding } from './finding.ts';

/** The inputs of the findings about documents. */
export interface DocumentsContext {
  readonly root: string;
  /** Makes a command line for the same proxy, to paste into a shell. */
  readonly commandLine: (rest: string) => string;
}

/** Makes the findings about documents: invalid ones, warnings, open routes. */
export function judgeDocuments(
  {
    table,
    routes,
    invalid,
    warnings,
    unknownVariables,
  }: Omit<LoadedTable, 'secrets' | 'shared' | 'root'>,
  { root, commandLine }: DocumentsContext,
): Finding[] {
  const enabled = routes.filter(({ isEnabled }) => isEnabled);
  const findings: Finding[] = [];
  if (enabled.length === 0) {
    findings.push({
      check: 'parameters',
      status: 'warning',
      text: `readable, but there is no route below ${root}/routes: every request is answered 404`,
      todo: `Write one: ${commandLine('routes put <id>.json')}, or check --path.`,
    });
  } else {
    const open = enabled.filter(({ isOpen }) => isOpen).map(({ id }) => id);
    const access = open.length === 0 ? 'none is open to all' : `open to all: ${open.join(', ')}`;
    const count = enabled.length === 1 ? '1 route' : `${enabled.length} routes`;
    findings.push({
      check: 'parameters',
      status: 'ok',
      text: `${count} in force below ${root}, table ${table.version}; ${access}`,
    });
  }
  return [
    ...findings,
    ...invalid.map(
      (document) =>
        judgeUnknown(document, unknownVariables) ?? judgeInvalid(document, { root, commandLine }),
    ),
    ...warnings.map((text): Finding => ({ check: 'parameters', status: 'warning', text })),
    ...unknownVariables.map(
      (name): Finding => ({
        check: 'parameters',
        status: 'skipped',
        text: `$env://${name} is known only to the function; values that depend on it were not checked`,
      }),
    ),
  ];
}

/** The function may well have the variables that are missing here. */
function judgeUnknown(
  { parameter, version, issues }: InvalidDocument,
  unknownVariables: readonly string[],
): Finding | undefined {
  const names = issues.map(({ found }) => /^"\$env:\/\/(\w+)"$/.exec(found)?.[1] ?? '');
  if (!names.every((name) => unknownVariables.includes(name))) return undefined;
  const flags = [...new Set(names)].map((name) => `--env ${name}=<value>`);
  return {
    check: 'parameters',
    status: 'skipped',
    text: `${parameter}: version ${version} depends on variables that only the function knows`,
    todo: `Give ${flags.length === 1 ? 'its value' : 'their values'}: ${flags.join(' ')}.`,
  };
}

function judgeInvalid(document: InvalidDocument, { root, commandLine }: DocumentsContext): Finding {
  const { parameter, version, fault, lastValid, issues } = document;
  const places = issues.map(
    ({ pointer, found, expected }) =>
      `at ${pointer || 'the top'}: found ${found}, expected ${expected}`,
  );
  const [folder = '', ...id] = parameter.slice(root.length + 1).split('/');
  const { command } = kinds[folder as keyof typeof kinds];
  const name = `${command} edit ${id.join('/')}`;
  const back = `${command} rollback ${id.join('/')} --to ${lastValid}`;
  const [what, todo] =
    fault === 'unfulfilled'
      ? ['cannot be fulfilled', 'Put in place what it lacks, or change it']
      : ['is invalid', 'Correct it'];
  return {
    check: 'parameters',
    status: 'failed',
    text: `${parameter}: version ${version} ${what}; ${toConsequence(document)}: ${places.join('; ')}`,
    todo: `${todo}: ${commandLine(name)}${lastValid === undefined ? '' : `, or roll back: ${commandLine(back)}`}`,
  };
}
