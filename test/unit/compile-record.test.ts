/** One document of a snapshot: its name says what it is compiled as. */
import { compileRecord } from '../../functions/proxy/routes/snapshot/compile-record.ts';
import { toServices } from '../support/builders.ts';
import { documentOf, rules } from '../support/documents.ts';

function createRig() {
  const lines: unknown[] = [];
  const write = (message: string, fields: unknown) => lines.push([message, fields]);
  const log = { error: write } as unknown as Parameters<typeof compileRecord>[1]['log'];
  const compile = (name: string) =>
    compileRecord(
      {
        parameter: `${rules.root}/${name}`,
        ...{ version: 1, digest: 'digest', text: JSON.stringify(documentOf()), routes: [] },
      },
      {
        ...{ root: rules.root, rules, log, readVariable: () => undefined },
        compile: { services: toServices(), requireAccessPlugin: false },
      },
    );
  return { compile, lines };
}

test('a document below routes is compiled as a route', async () => {
  const { compile, lines } = createRig();

  expect((await compile('routes/hello'))?.routes).toHaveLength(1);
  expect(lines).toEqual([]);
});

test('what is at the name of no document is compiled as nothing, and the log names it', async () => {
  const { compile, lines } = createRig();

  expect(await compile('consumers/ann/credentials/0/b')).toBeUndefined();
  expect(JSON.stringify(lines)).toContain('invalid-document');
});
