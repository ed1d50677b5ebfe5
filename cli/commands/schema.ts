/** `schema`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { findNearest } from '../check/suggestion.ts';
import type { Context } from '../context.ts';
import { createJsonSchemas } from '../schema/documents.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';

/** Creates `countersign schema`, which prints JSON Schemas or writes them to a folder. */
export function createSchemaCommand(context: Context): Command {
  const command = new Command('schema')
    .argument('[name]', 'a kind of document or a plugin; without it, the names')
    .option('--out <folder>', 'write files instead: all of them, or the one that is named')
    .action((name: string | undefined, { out }: { readonly out?: string }) =>
      schema(context, name, out),
    );
  return withExamples(command, [
    { does: 'What there is', run: 'npx countersign schema' },
    { does: 'What a plugin takes', run: 'npx countersign schema aws-lambda' },
    { does: 'All of them, for an editor', run: 'npx countersign schema --out schemas/' },
  ]);
}

function schema(context: Context, name: string | undefined, out: string | undefined): void {
  const all = createJsonSchemas();
  const wanted = name === undefined ? [...all.keys()] : [findName(context, all, name)];
  const output = context.output();
  if (out !== undefined) {
    const files = wanted.map((key) => writeSchema(out, key, all.get(key)));
    output.result({ files }, () => files.join('\n'));
    return;
  }
  if (name === undefined) {
    output.result(wanted, () => wanted.join('\n'));
    return;
  }
  const [key = ''] = wanted;
  output.result(all.get(key), () => JSON.stringify(all.get(key), null, 2));
}

function findName(context: Context, all: ReadonlyMap<string, unknown>, name: string): string {
  const found = [name, `plugins/${name}`].find((key) => all.has(key));
  if (found !== undefined) return found;
  const names = [...all.keys()].map((key) => key.replace('plugins/', ''));
  const meant = findNearest(name, names);
  const suggestion = meant === undefined ? '' : ` Did you mean ${meant}?`;
  throw new CliError('USAGE', `There is no schema ${name}.${suggestion}`, {
    hint: `To list the schemas: ${context.commandLine('schema')}`,
  });
}

function writeSchema(folder: string, key: string, value: unknown): string {
  const file = join(folder, `${key}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
  return file;
}
