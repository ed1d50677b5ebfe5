/** The end of every import: converted documents are checked, described, and put or written to files. */
import { join } from 'node:path';
import type { PlacedIssue } from '../check/checker.ts';
import { renderIssue } from '../check/report.ts';
import { assumeSources, readSources, withSecrets } from '../check/sources.ts';
import { checkTogether } from '../check/together.ts';
import type { Context } from '../context.ts';
import { assertId, writeFiles } from '../documents/files.ts';
import { kinds, kindsInOrder } from '../documents/kinds.ts';
import { toRunOptions, type WritingOptions } from '../documents/options.ts';
import { readRelated, readStored } from '../documents/stored.ts';
import { toPlan } from '../plan/plan.ts';
import { carryOut, type PlanReport } from '../plan/run.ts';
import { type Conversion, type Converted, isRefusing, toRefusing } from './conversion.ts';
import { countConverted } from './count.ts';
import { findLeftOut } from './left-out.ts';
import { planSecrets, toAbsolute } from './new-secrets.ts';
import { findStoredTakers, findTakers } from './takers.ts';

interface Checked extends Converted {
  readonly text: string;
  /** Reasons why the document is left out; empty if it is imported. */
  readonly issues: readonly string[];
  /** Whether the document is a route that only refuses, in place of one that is invalid here. */
  readonly isReplaced?: boolean;
}

/** Where documents go to, besides the options of a writing command. */
export interface DeliverOptions extends WritingOptions {
  /** Folder for files in place of parameters. */
  readonly out?: string;
  /** What the documents were converted from, for messages. */
  readonly source: string;
}

/** Sets the exit status `FOUND` if a document was left out, because it is invalid here or could not be converted. */
export async function deliver(
  context: Context,
  conversion: Conversion,
  { out, ...options }: DeliverOptions,
): Promise<void> {
  const checked = await checkAll(context, conversion, out !== undefined);
  const described = await withTakers(context, checked, out !== undefined);
  describe(context, conversion, described);
  context.output().note(countConverted(described, conversion));
  const valid = checked.filter(({ issues }) => issues.length === 0);
  const isWhole = checked.every(({ issues, isReplaced }) => issues.length === 0 && !isReplaced);
  if (!isWhole || conversion.isIncomplete) context.setExitCode('FOUND');
  const secrets = findUsed(valid, conversion);
  for (const name of secrets.keys()) context.output().note(`secrets/${name} holds a key`);
  const report =
    out === undefined
      ? await putAll(context, valid, { ...options, secrets })
      : writeAll(out, valid, options);
  const output = context.output();
  for (const name of report.files ?? []) output.tell(name);
  if (out !== undefined) noteCommands(context, secrets);
  const documents = described.map(({ kind, id, remarks, issues }) => ({
    kind,
    id,
    remarks,
    issues,
  }));
  const named = conversion.secrets === undefined ? {} : { secrets: [...secrets.keys()] };
  output.reply({ ...report, documents, ...named, dropped: conversion.dropped });
}

/** @returns the secrets of the documents that are imported. One that was left out needs none */
function findUsed(valid: readonly Checked[], { secrets = new Map() }: Conversion) {
  const texts = valid.map(({ text }) => text).join('\n');
  const used = [...secrets].filter(([name]) => texts.includes(`"$secret://ssm/${name}"`));
  return new Map<string, string>(used);
}

/** No file holds a secret, so a person sets each before the documents are put. */
function noteCommands(context: Context, secrets: ReadonlyMap<string, string>): void {
  if (secrets.size === 0) return;
  const output = context.output();
  output.note('The files hold no keys. Set these secrets before you put the documents:');
  for (const name of secrets.keys()) output.note(`  ${context.commandLine(`secrets set ${name}`)}`);
}

interface Report {
  readonly files?: readonly string[];
  /** The changes of each kind of document. */
  readonly plans?: Readonly<Record<string, PlanReport>>;
}

interface PutOptions extends DeliverOptions {
  readonly secrets: ReadonlyMap<string, string>;
}

/** All kinds are one plan, so that routes find the objects that they name. */
async function putAll(
  context: Context,
  valid: readonly Checked[],
  { source, secrets, ...options }: PutOptions,
): Promise<Report> {
  const own = kindsInOrder.filter(({ name }) => valid.some(({ kind }) => kind === name));
  if (own.length === 0) return { plans: {} };
  const stored = await readRelated(context, own);
  const changes = own.flatMap((kind) => {
    const wanted = valid
      .filter((document) => document.kind === kind.name)
      .map(({ id, text }) => ({ id, text, source: `${source}#${kind.name}/${id}` }));
    return toPlan(kind, wanted, stored.get(kind.name)?.documents ?? []);
  });
  const run = toRunOptions(options);
  const planned = await planSecrets(context, { ...run, secrets });
  const planning = { ...run, ask: true, stored, secrets: planned };
  const report = await carryOut(context, changes, planning);
  const plans = own.map(({ name }) => {
    return [name, { ...report, changes: report.changes.filter(({ kind }) => kind === name) }];
  });
  return { plans: Object.fromEntries(plans) };
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
  for (const { name, type } of kindsInOrder) {
    const own = valid.filter(({ kind }) => kind === name);
    writeFiles(own.map(toFile), { folder, force, isPrivate: type === 'SecureString' });
  }
  return { files: valid.map((document) => toFile(document).file) };
}

/** The root path for documents that are only written to files. */
const nowhere = '/countersign/nowhere';

async function checkAll(
  context: Context,
  conversion: Conversion,
  isOffline: boolean,
): Promise<Checked[]> {
  const documents = kindsInOrder.flatMap(({ name }) =>
    conversion.documents.filter(({ kind }) => kind === name),
  );
  const texts = documents.map((own) => ({
    ...{ kind: kinds[own.kind], id: own.id, converted: own },
    text: JSON.stringify(own.document, null, 2),
  }));
  const settings = context.settings();
  const root = isOffline ? nowhere : settings.root();
  const stored = isOffline
    ? assumeSources(settings.rules(root))
    : await readSources(
        context,
        texts.map(({ text }) => text),
      );
  const sources = withSecrets(stored, toAbsolute(conversion.secrets ?? new Map(), root));
  // What a document names is among the others, or left out with a reason.
  const isWhole = () => false;
  const { checked, checker } = await checkTogether(context, texts, { sources, isWhole });
  const check = async (converted: Converted): Promise<Checked> => {
    const { kind, id, document } = converted;
    const text = JSON.stringify(document, null, 2);
    const { issues } = await checker.check({ parameter: `${root}/${kind}/${id}`, text });
    return { ...converted, text, issues: toReasons(converted, issues) };
  };
  const byDocument = new Map(checked.map((own) => [own.converted, own]));
  const found: Checked[] = [];
  for (const converted of documents) {
    const { text = '', issues = [] } = byDocument.get(converted) ?? {};
    const reasons = [...toReasons(converted, issues), ...findLeftOut(converted, found)];
    const first = { ...converted, text, issues: reasons };
    const needsPlace = converted.kind === 'routes' && reasons.length > 0 && isEnabled(first);
    found.push(needsPlace ? toPlaced(first, await check(toPlace(first))) : first);
  }
  return found.map(withAccessRemark);
}

function toReasons({ kind, id }: Converted, issues: readonly PlacedIssue[]): readonly string[] {
  return issues.map((issue) => renderIssue(`${kind}/${id}`, issue));
}

const isEnabled = ({ document }: Converted) => document['status'] !== 0;
const toPlace = (own: Converted) => ({
  ...own,
  document: toRefusing({ ...own.inheritedPlace, ...own.document }),
});

/** A route in place of an invalid one, so that no wider route takes its requests. */
function toPlaced(invalid: Checked, refusing: Checked): Checked {
  if (refusing.issues.length > 0) return invalid;
  const reasons = invalid.issues.map((issue) => `invalid here: ${issue}`);
  const remark = 'refuses every request until you have looked at it';
  return { ...refusing, isReplaced: true, remarks: [...reasons, remark, ...invalid.remarks] };
}

function withAccessRemark(own: Checked): Checked {
  const { accessRemark, remarks } = own;
  if (accessRemark === undefined || isRefusing(own)) return own;
  return { ...own, remarks: [...remarks, accessRemark] };
}

/** Names the routes that may take the requests of routes that are left out, among those that are stored, too. */
async function withTakers(
  context: Context,
  checked: readonly Checked[],
  isOffline: boolean,
): Promise<readonly Checked[]> {
  const isLeftOut = (own: Checked) =>
    own.kind === 'routes' && own.issues.length > 0 && isEnabled(own);
  if (!checked.some(isLeftOut)) return checked;
  const imported = checked.filter(({ kind, issues }) => kind === 'routes' && issues.length === 0);
  const stored = isOffline ? [] : await readStored(context, kinds.routes);
  const replaced = new Set(imported.map(({ id }) => id));
  const takers = [...findTakers(imported), ...findStoredTakers(stored, replaced)];
  if (takers.length === 0) return checked;
  const remark = `its requests may be taken by ${takers.join(', ')}`;
  return checked.map((own) =>
    isLeftOut(own) ? { ...own, remarks: [...own.remarks, remark] } : own,
  );
}

function describe(context: Context, { dropped }: Conversion, checked: readonly Checked[]): void {
  const output = context.output();
  for (const { kind, id, remarks, issues } of checked) {
    const state = issues.length === 0 ? 'is converted' : 'IS LEFT OUT, because it is invalid here';
    output.note(`${kind}/${id} ${state}`);
    for (const line of [...issues, ...remarks]) output.note(`  ${line}`);
  }
  for (const line of dropped) output.note(`Left out: ${line}`);
}
