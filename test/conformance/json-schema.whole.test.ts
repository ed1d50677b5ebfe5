/** What the proxy takes the JSON Schemas take too: documents of the documentation, with one thing changed in each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { createJsonSchemas } from '../../cli/schema/documents.ts';
import { judgeDocument } from '../../functions/proxy/routes/judge.ts';
import { toServices } from '../support/builders.ts';
import { rules } from '../support/documents.ts';
import { readPluginPage } from '../support/plugin-page.ts';
import { toRuns } from '../support/sample.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'plugins');
const parameters = readdirSync(folder)
  .filter((name) => name.endsWith('.md'))
  .flatMap((name) => [...readPluginPage(readFileSync(join(folder, name), 'utf8')).parameters]);

const kinds = ['route', 'consumer'] as const;
type Kind = (typeof kinds)[number];

const examplesOf = (kind: Kind) =>
  parameters.flatMap(([name, text]) =>
    name.startsWith(`${kind}s/`) ? [JSON.parse(text) as unknown] : [],
  );

function isTakenByProxy(kind: Kind, document: unknown): boolean {
  const { compiled } = judgeDocument(document, {
    parameter: `/countersign/test/${kind}s/one`,
    kind,
    references: {
      rules,
      readSecret: () => 'a-secret-of-a-length-that-will-do',
      readVariable: () => 'a-value-of-a-length-that-will-do',
    },
    services: toServices({ allowedHosts: '*.azurewebsites.net' }),
    requireAccessPlugin: false,
    isAssumed: () => false,
  });
  return compiled !== undefined;
}

type Path = readonly (string | number)[];

/** Every place in a value, the value itself first. */
function listPaths(value: unknown): Path[] {
  if (typeof value !== 'object' || value === null) return [[]];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [
    [],
    ...keys.flatMap((key) =>
      listPaths((value as Record<string | number, unknown>)[key]).map((path) => [key, ...path]),
    ),
  ];
}

type Change = (value: unknown) => unknown;

function changeAt(value: unknown, [key, ...rest]: Path, change: Change): unknown {
  if (key === undefined) return change(value);
  const copy = structuredClone(value) as Record<string | number, unknown>;
  const next = changeAt(copy[key], rest, change);
  if (next === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = next ?? null;
  return copy;
}

const strings = fc.constantFrom(
  ...['', 'a', 'A.Example', '/x/*', 'GET', 'get', '10.0.0.0/8', '$env://X', '$secret://ssm/x'],
  ...['remote_addr', 'http_x', 'Bearer', 'HS256', 'https://a.example/x', '0', 'X-Header'],
);
const values = fc.oneof(strings, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>(() => undefined),
  values.map<Change>((value) => () => value),
  values.map<Change>((value) => () => [value]),
  fc.tuple(fc.constantFrom('id', 'status', 'key', 'desc', '_meta'), values).map<Change>(
    ([key, member]) =>
      (value) =>
        typeof value === 'object' && value !== null ? { ...value, [key]: member } : member,
  ),
);

it.each(kinds)('%s', (kind) => {
  const validate = new Ajv({ strict: false }).compile({
    ...createJsonSchemas().get(kind),
  } as object);
  const examples = examplesOf(kind);
  expect(examples.length).toBeGreaterThan(0);
  let taken = 0;
  let refusedByBoth = 0;
  const changed = fc
    .constantFrom(...examples)
    .chain((example) =>
      fc.tuple(fc.constant(example), fc.constantFrom(...listPaths(example)), changes),
    )
    .map(([example, path, change]) => changeAt(example, path, change) ?? null);

  fc.assert(
    fc.property(changed, (document) => {
      const isTaken = isTakenByProxy(kind, document);
      const isValid = validate(document);
      if (isTaken) {
        taken += 1;
        expect({ document, errors: validate.errors ?? [] }).toEqual({ document, errors: [] });
      } else if (!isValid) refusedByBoth += 1;
    }),
    { numRuns: toRuns(1500) },
  );
  // The property says something only where both sides say yes and no.
  expect(taken).toBeGreaterThan(toRuns(100) / 2);
  expect(refusedByBoth).toBeGreaterThan(toRuns(100) / 2);
});
