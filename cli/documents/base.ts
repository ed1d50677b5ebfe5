/**
 * Records the versions that a folder's files were exported from, in `.countersign.json`. With it `put` detects changes
 * by others since the export.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { Outcome } from '../plan/apply.ts';
import type { Change } from '../plan/plan.ts';
import { CliError } from '../terminal/cli-error.ts';
import { findJson } from '../terminal/json.ts';
import { assertNoLinks } from './files.ts';
import type { Kind } from './kinds.ts';

/** Versions by id; undefined if the folder was never exported from this proxy. */
export type BaseVersions = Readonly<Record<string, number>> | undefined;

const fileName = '.countersign.json';

type BaseFile = Record<string, Record<string, number>>;

/** Reads the versions that `export` recorded in a folder's `.countersign.json`. */
export function readBase(context: Context, kind: Kind, folder: string): BaseVersions {
  return readFile(folder)[toKey(context, kind)];
}

/** Records the versions of the exported documents in the folder's `.countersign.json`. */
export function writeBase(
  context: Context,
  kind: Kind,
  folder: string,
  versions: Readonly<Record<string, number>>,
): void {
  const all = { ...readFile(folder), [toKey(context, kind)]: versions };
  assertNoLinks(folder, join(folder, fileName));
  writeFileSync(join(folder, fileName), `${JSON.stringify(all, null, 2)}\n`);
}

/** @throws CliError CONFLICT for documents that were written, removed or added since the export */
export function assertBase(base: BaseVersions, changes: readonly Change[]): void {
  if (base === undefined) return;
  const moved = changes.flatMap(({ id, action, before }) => {
    const [from, to] = [base[id] ?? 0, before?.version ?? 0];
    return action === 'keep' || from === to ? [] : [{ id, exported: from, stored: to }];
  });
  if (moved.length === 0) return;
  const say = (version: number) => (version === 0 ? 'no such document' : `version ${version}`);
  const lines = moved.map(
    ({ id, exported, stored }) => `  ${id}: exported from ${say(exported)}, now ${say(stored)}`,
  );
  throw new CliError(
    'CONFLICT',
    [
      `Documents that you are about to change have been changed since the export; nothing was written.`,
      ...lines,
    ].join('\n'),
    {
      hint: 'Export again into another folder and compare, or overwrite with --force.',
      details: { moved },
    },
  );
}

/** The recorded versions after a plan was carried out. Documents that the plan did not change keep their versions. */
export function toNextBase(
  base: Readonly<Record<string, number>>,
  changes: readonly Change[],
  outcomes: readonly Outcome[],
): Record<string, number> {
  const written = new Map(outcomes.map(({ id, version }) => [id, version]));
  const removed = new Set(changes.filter(({ action }) => action === 'remove').map(({ id }) => id));
  const present = changes
    .filter(({ id }) => !removed.has(id))
    .map(({ id, before }) => [id, written.get(id) ?? before?.version ?? 0] as const);
  const all = { ...base, ...Object.fromEntries(present) };
  return Object.fromEntries(Object.entries(all).filter(([id]) => !removed.has(id)));
}

function readFile(folder: string): BaseFile {
  const file = join(folder, fileName);
  if (!existsSync(file)) return {};
  const found = findJson(readFileSync(file, 'utf8'));
  if (typeof found?.value === 'object' && found.value !== null) return found.value as BaseFile;
  throw new CliError('USAGE', `${file} is no JSON object.`, {
    hint: 'countersign export writes this file. Remove it to put documents without this check.',
  });
}

/** The key of a proxy: one folder may belong to several proxies, such as a test stage and production. */
function toKey(context: Context, kind: Kind): string {
  return `${context.settings().root()}/${kind.name}`;
}
