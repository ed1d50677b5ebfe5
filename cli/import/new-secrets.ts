/** Secrets that an import writes before the documents that refer to them. */
import type { Context } from '../context.ts';
import { toSecretParameter } from '../documents/stored-secrets.ts';
import type { NewSecrets } from '../plan/run.ts';
import { findParameter } from '../store/parameters.ts';
import { standardBytes, tierNames, type WriteOptions, writeParameter } from '../store/write.ts';
import { CliError } from '../terminal/cli-error.ts';

/** How the secrets are written. */
export interface NewSecretsOptions extends Pick<WriteOptions, 'force' | 'tier' | 'keyId'> {
  readonly secrets: ReadonlyMap<string, string>;
}

/** @returns the absolute names and values */
export function toAbsolute(
  secrets: ReadonlyMap<string, string>,
  root: string,
): ReadonlyMap<string, string> {
  return new Map([...secrets].map(([name, value]) => [`${root}/secrets/${name}`, value]));
}

/**
 * Compares secrets with those that are stored.
 *
 * @throws CliError CONFLICT if one exists with another value, unless `force`. It names no value
 */
export async function planSecrets(
  context: Context,
  { secrets, ...options }: NewSecretsOptions,
): Promise<NewSecrets> {
  const todo: Todo[] = [];
  for (const [name, value] of secrets) {
    const parameter = toSecretParameter(context, name);
    const before = await findParameter(context.ssm(), parameter);
    if (before?.value !== value)
      todo.push({ name, parameter, value, version: before?.version ?? 0 });
  }
  const different = todo.filter(({ version }) => version > 0).map(({ parameter }) => parameter);
  if (different.length > 0 && !options.force) {
    const message = `These secrets exist with other values: ${different.join(', ')}. Nothing was written.`;
    const hint = 'Remove them, or overwrite them with --force.';
    throw new CliError('CONFLICT', message, { hint, details: { parameters: different } });
  }
  return {
    values: toAbsolute(secrets, context.settings().root()),
    todo: todo.map(({ name }) => name),
    write: () => writeAll(context, todo, options),
  };
}

interface Todo {
  readonly name: string;
  readonly parameter: string;
  readonly value: string;
  readonly version: number;
}

async function writeAll(
  context: Context,
  todo: readonly Todo[],
  { force, tier, keyId }: Omit<NewSecretsOptions, 'secrets'>,
): Promise<void> {
  const output = context.output();
  for (const { name, parameter, value, version } of todo) {
    const isLarge = Buffer.byteLength(value) > standardBytes;
    const written = await writeParameter(context.ssm(), parameter, value, {
      ...{ readVersion: version, type: 'SecureString', force, keyId },
      tier: tier ?? (isLarge ? tierNames['advanced'] : undefined),
    });
    output.tell(`Wrote secrets/${name}, version ${written.version}.`);
    if (isLarge && tier === undefined) {
      output.warn(`secrets/${name} is stored in the advanced tier, which AWS charges for`);
    }
  }
}
