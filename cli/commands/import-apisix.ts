/** `import apisix`. */
import { join } from 'node:path';
import { Command } from 'commander';
import { type Conversion, type Converted, convertApisix } from '../apisix/convert.ts';
import { parseApisix } from '../apisix/read.ts';
import { createChecker } from '../check/checker.ts';
import { renderIssue } from '../check/report.ts';
import { assumeSources, readSources } from '../check/sources.ts';
import type { Context } from '../context.ts';
import { assertId, readText, writeFiles } from '../documents/files.ts';
import { type KindName, kinds } from '../documents/kinds.ts';
import {
  toRunOptions,
  verbose,
  type WritingOptions,
  writingOptions,
  yes,
} from '../documents/options.ts';
import { readStored } from '../documents/stored.ts';
import { toPlan } from '../plan/plan.ts';
import { carryOut, type PlanReport } from '../plan/run.ts';
import { readStdin } from '../terminal/ask.ts';
import { CliError } from '../terminal/cli-error.ts';
import { withExamples } from '../terminal/examples.ts';

interface ImportOptions extends WritingOptions {
  readonly keepKeys?: boolean;
  readonly out?: string;
}

/** Creates `countersign import apisix`. It fails with `FOUND` if a document was left out. */
export function createImportApisixCommand(context: Context): Command {
  const command = new Command('apisix')
    .description(
      'convert routes and consumers of Apache APISIX to documents, and report what is left out',
    )
    .argument(
      '<file>',
      'responses of its Admin API, or the apisix.yaml of standalone mode; - for stdin',
    )
    .option('--keep-keys', 'keep static AWS keys; without it the proxy’s role signs in their place')
    .option('--out <folder>', 'write files instead of parameters, to review and put later')
    .addOption(yes())
    .addOption(verbose());
  for (const option of writingOptions(kinds.consumers)) command.addOption(option);
  command.action((file: string, options: ImportOptions) => importApisix(context, file, options));
  return withExamples(command, [
    {
      does: 'Into files, to review and then put',
      run: 'npx countersign import apisix apisix.yaml --out apisix/',
    },
    {
      does: 'Into Parameter Store, once the plan is agreed to',
      run: 'npx countersign import apisix apisix.yaml --yes',
    },
  ]);
}

const kindsInOrder = ['consumers', 'routes'] as const;

interface Checked extends Converted {
  readonly text: string;
  /** Reasons why the document is left out; empty if it is imported. */
  readonly issues: readonly string[];
}

async function importApisix(context: Context, file: string, options: ImportOptions): Promise<void> {
  const { keepKeys = false, out, ...rest } = options;
  const text = file === '-' ? await readStdin(context) : readText(file);
  const conversion = convertApisix(parseApisix(text, file === '-' ? 'stdin' : file), { keepKeys });
  const checked: Checked[] = [];
  for (const kind of kindsInOrder) {
    checked.push(...(await checkAll(context, kind, conversion, out !== undefined)));
  }
  describe(context, conversion, checked);
  const valid = checked.filter(({ issues }) => issues.length === 0);
  if (valid.length < checked.length) context.setExitCode('FOUND');
  const report =
    out === undefined
      ? await putAll(context, valid, { file, ...rest })
      : writeAll(out, valid, rest);
  const output = context.output();
  for (const name of report.files ?? []) output.tell(name);
  const documents = checked.map(({ kind, id, remarks, issues }) => ({ kind, id, remarks, issues }));
  output.reply({ ...report, documents, dropped: conversion.dropped });
}

interface Report {
  readonly files?: readonly string[];
  /** The changes of each kind of document. */
  readonly plans?: Readonly<Record<string, PlanReport>>;
}

/** Writes consumers first, so that routes that need them find them. */
async function putAll(
  context: Context,
  valid: readonly Checked[],
  { file, ...options }: WritingOptions & { readonly file: string },
): Promise<Report> {
  const plans: Record<string, PlanReport> = {};
  for (const name of kindsInOrder) {
    const wanted = valid
      .filter(({ kind }) => kind === name)
      .map(({ id, text }) => ({ id, text, source: `${file}#${name}/${id}` }));
    if (wanted.length === 0) continue;
    const stored = await readStored(context, kinds[name]);
    const changes = toPlan(wanted, stored, { prune: false });
    const run = { ...toRunOptions(options), ask: true, stored };
    plans[name] = await carryOut(context, kinds[name], changes, run).catch((error: unknown) => {
      throw toPartlyWritten(error, name, Object.keys(plans));
    });
  }
  return { plans };
}

/** A "no" to the routes does not undo the consumers. */
function toPartlyWritten(error: unknown, name: string, written: readonly string[]): unknown {
  if (!(error instanceof CliError) || !error.isChoice || written.length === 0) return error;
  const message = `The ${name} were not written; the ${written.join(', ')} were.`;
  return new CliError(error.code, message, { isChoice: true });
}

function writeAll(
  folder: string,
  valid: readonly Checked[],
  { force = false }: WritingOptions,
): Report {
  const toFile = ({ kind, id, text }: Checked) => ({
    file: join(folder, kind, `${assertId(id)}.json`),
    text: `${text}\n`,
  });
  for (const name of kindsInOrder) {
    const own = valid.filter(({ kind }) => kind === name);
    writeFiles(own.map(toFile), { folder, force, isPrivate: name === 'consumers' });
  }
  return { files: valid.map((document) => toFile(document).file) };
}

/** The root path for documents that are only written to files. */
const nowhere = '/countersign/nowhere';

async function checkAll(
  context: Context,
  kind: KindName,
  { documents }: Conversion,
  isOffline: boolean,
): Promise<Checked[]> {
  const own = documents.filter((document) => document.kind === kind);
  const texts = own.map(({ document }) => JSON.stringify(document, null, 2));
  const sources = isOffline
    ? assumeSources(context.settings().rules(nowhere))
    : await readSources(context, texts);
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

function describe(context: Context, { dropped }: Conversion, checked: readonly Checked[]): void {
  const output = context.output();
  for (const { kind, id, remarks, issues } of checked) {
    const state = issues.length === 0 ? 'comes along' : 'IS LEFT OUT, being invalid here';
    output.note(`${kind}/${id} ${state}`);
    for (const line of [...issues, ...remarks]) output.note(`  ${line}`);
  }
  for (const line of dropped) output.note(`Left out: ${line}`);
}
