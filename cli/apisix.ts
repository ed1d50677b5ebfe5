/** `import apisix`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { type Conversion, type Converted, convertApisix } from './apisix/convert.ts';
import { parseApisix } from './apisix/read.ts';
import { readStdin } from './ask.ts';
import { createChecker } from './check/checker.ts';
import { renderIssue } from './check/report.ts';
import { assumeSources, readSources } from './check/sources.ts';
import type { Context } from './context.ts';
import { readText } from './documents/files.ts';
import { type KindName, kinds } from './documents/kinds.ts';
import { toRunOptions, type WritingOptions, writingOptions, yes } from './documents/options.ts';
import { readStored } from './documents/stored.ts';
import { withExamples } from './examples.ts';
import { toPlan } from './plan/plan.ts';
import { runPlan } from './plan/run.ts';

interface ImportOptions extends WritingOptions {
  readonly keepKeys?: boolean;
  readonly out?: string;
}

export function createImportApisixCommand(context: Context): Command {
  const command = new Command('apisix')
    .description(
      'take over routes and consumers of Apache APISIX, and say what does not come along',
    )
    .argument(
      '<file>',
      'answers of its Admin API, or the apisix.yaml of standalone mode; - for stdin',
    )
    .option('--keep-keys', 'keep static AWS keys; without it the proxy’s role signs in their place')
    .option('--out <folder>', 'write files to look at and put, instead of parameters')
    .addOption(yes());
  for (const option of writingOptions(kinds.consumers)) command.addOption(option);
  command.action((file: string, options: ImportOptions) => importApisix(context, file, options));
  return withExamples(command, [
    {
      does: 'Into files, to look at and put',
      run: 'npx countersign import apisix apisix.yaml --out apisix/',
    },
    {
      does: 'Into Parameter Store, once the plan is agreed to',
      run: 'npx countersign import apisix apisix.yaml --yes',
    },
  ]);
}

interface Checked extends Converted {
  readonly text: string;
  /** Why it is left out; nothing when it comes along. */
  readonly issues: readonly string[];
}

async function importApisix(context: Context, file: string, options: ImportOptions): Promise<void> {
  const { keepKeys = false, out, ...rest } = options;
  const text = file === '-' ? await readStdin(context) : readText(file);
  const conversion = convertApisix(parseApisix(text, file === '-' ? 'stdin' : file), { keepKeys });
  const checked: Checked[] = [];
  for (const kind of ['consumers', 'routes'] as const) {
    checked.push(...(await checkAll(context, kind, conversion, out !== undefined)));
  }
  report(context, conversion, checked);
  const valid = checked.filter(({ issues }) => issues.length === 0);
  if (valid.length < checked.length) context.setExitCode('FOUND');
  if (out !== undefined) {
    const files = valid.map((document) => writeDocument(out, document));
    context
      .output()
      .result({ files, documents: checked, dropped: conversion.dropped }, () => files.join('\n'));
    return;
  }
  // Consumers first: a route that asks for them finds them.
  for (const name of ['consumers', 'routes'] as const) {
    const wanted = valid
      .filter(({ kind }) => kind === name)
      .map(({ id, text: value }) => ({ id, text: value, source: `${file}#${name}/${id}` }));
    if (wanted.length === 0) continue;
    const stored = await readStored(context, kinds[name]);
    const changes = toPlan(wanted, stored, { prune: false });
    await runPlan(context, kinds[name], changes, { ...toRunOptions(rest), ask: true, stored });
  }
}

async function checkAll(
  context: Context,
  kind: KindName,
  { documents }: Conversion,
  isOffline: boolean,
): Promise<Checked[]> {
  const own = documents.filter((document) => document.kind === kind);
  const texts = own.map(({ document }) => JSON.stringify(document, null, 2));
  const sources = isOffline ? assumeSources() : await readSources(context, texts);
  const checker = await createChecker(context, kinds[kind], sources);
  const checked: Checked[] = [];
  for (const [index, converted] of own.entries()) {
    const { id } = converted;
    const text = texts[index] ?? '';
    const { issues } = await checker.check({ parameter: `/${kind}/${id}`, text });
    const reasons = issues.map((issue) => renderIssue(`${kind}/${id}`, issue));
    checked.push({ ...converted, text, issues: reasons });
  }
  return checked;
}

function report(context: Context, { dropped }: Conversion, checked: readonly Checked[]): void {
  const output = context.output();
  for (const { kind, id, remarks, issues } of checked) {
    const state = issues.length === 0 ? 'comes along' : 'IS LEFT OUT, being invalid here';
    output.note(`${kind}/${id} ${state}`);
    for (const line of [...issues, ...remarks]) output.note(`  ${line}`);
  }
  for (const line of dropped) output.note(`Left out: ${line}`);
  output.note('');
}

function writeDocument(folder: string, { kind, id, text }: Checked): string {
  const file = join(folder, kind, `${id}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${text}\n`, { mode: kind === 'consumers' ? 0o600 : 0o666 });
  return file;
}
