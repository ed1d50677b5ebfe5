/** The documents of one kind in Parameter Store. */

import type { Context } from '../context.ts';
import {
  findParameter,
  readHistory,
  readTree,
  type StoredParameter,
  type StoredVersion,
} from '../store/parameters.ts';
import { CliError, toCliError } from '../terminal/cli-error.ts';
import { assertId } from './files.ts';
import { findRelated, type Kind, type KindName } from './kinds.ts';

/** A document in Parameter Store. `id` is its name below the kind's folder. */
export interface StoredDocument extends StoredParameter {
  readonly id: string;
}

/** Absolute name of a document's parameter. */
export function toParameterName(context: Context, kind: Kind, id: string): string {
  return `${context.settings().root()}/${kind.name}/${id}`;
}

/** Reads all documents of a kind, in the order of their names. Warns about those that cannot be decrypted. */
export async function readStored(context: Context, kind: Kind): Promise<readonly StoredDocument[]> {
  return (await readKind(context, kind)).documents;
}

async function readKind(context: Context, kind: Kind): Promise<StoredKind> {
  const prefix = `${context.settings().root()}/${kind.name}/`;
  const output = context.output();
  let isWhole = true;
  const parameters = await output.during(`Reading ${prefix}`, () =>
    readTree(context.ssm(), prefix.slice(0, -1), ({ name }) => {
      isWhole = false;
      output.warn(`${name} is left out: it cannot be decrypted with your credentials`);
    }),
  );
  const documents = parameters.map((parameter) => ({
    ...parameter,
    id: parameter.name.slice(prefix.length),
  }));
  return { kind, documents, isWhole };
}

/** The documents of one kind, as far as these credentials may read them. */
export interface StoredKind {
  readonly kind: Kind;
  readonly documents: readonly StoredDocument[];
  /** Whether these are all documents of the kind. */
  readonly isWhole: boolean;
}

/** Stored documents by their kind. */
export type StoredByKind = ReadonlyMap<KindName, StoredKind>;

/** Reads the documents of kinds, and of all kinds that decide about them. Of the latter those are left out that may not be read. */
export async function readRelated(
  context: Context,
  wanted: readonly Kind[],
): Promise<StoredByKind> {
  const stored = new Map<KindName, StoredKind>();
  for (const kind of findRelated(new Set(wanted.map(({ name }) => name)))) {
    const reading = readKind(context, kind);
    const nothing = { kind, documents: [], isWhole: false };
    const isWanted = wanted.includes(kind);
    stored.set(
      kind.name,
      await reading.catch((error: unknown) => {
        if (isWanted || !isRefusal(error)) throw error;
        return nothing;
      }),
    );
  }
  return stored;
}

function isRefusal(error: unknown): boolean {
  return /AccessDenied/.test(String(toCliError(error).details['awsError'] ?? ''));
}

/** Reads the newest version; undefined if there is none. @throws CliError USAGE for an invalid id */
export function findStored(
  context: Context,
  kind: Kind,
  id: string,
): Promise<StoredParameter | undefined> {
  return findParameter(context.ssm(), toParameterName(context, kind, assertId(id)));
}

/** @throws CliError NOT_FOUND */
export async function requireStored(
  context: Context,
  kind: Kind,
  id: string,
): Promise<StoredParameter> {
  const found = await findStored(context, kind, id);
  if (found) return found;
  throw notFound(context, kind, id);
}

/** @throws CliError NOT_FOUND */
export async function requireHistory(
  context: Context,
  kind: Kind,
  id: string,
): Promise<StoredVersion[]> {
  const versions = await readHistory(context.ssm(), toParameterName(context, kind, assertId(id)));
  if (versions.length > 0) return versions;
  throw notFound(context, kind, id);
}

/** One of a document's versions. @throws CliError NOT_FOUND */
export function requireVersion(versions: readonly StoredVersion[], version: number): StoredVersion {
  const found = versions.find((candidate) => candidate.version === version);
  if (found) return found;
  const [newest, oldest] = [versions.at(0), versions.at(-1)];
  throw new CliError(
    'NOT_FOUND',
    `There is no version ${version}. Parameter Store keeps ${oldest?.version} to ${newest?.version}.`,
  );
}

function notFound(context: Context, kind: Kind, id: string): CliError {
  const name = toParameterName(context, kind, id);
  return new CliError('NOT_FOUND', `There is no ${kind.singular} ${id} (${name}).`, {
    hint: `To list them: ${context.commandLine(`${kind.command} list`)}`,
  });
}
