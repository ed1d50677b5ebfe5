/**
 * Writes to Parameter Store with the SDK. SSM itself refuses to create a parameter that exists. It has no other
 * conditional write. So the CLI reads the version just before it writes, and compares the version that the write
 * returns.
 */
import {
  DeleteParameterCommand,
  ParameterAlreadyExists,
  type ParameterTier,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { CliError } from '../terminal/cli-error.ts';
import { findParameter } from './parameters.ts';

/** Parameter Store's tiers, by the values of `--tier`. */
export const tierNames: Readonly<Record<string, ParameterTier>> = {
  standard: 'Standard',
  advanced: 'Advanced',
  intelligent: 'Intelligent-Tiering',
};

/** Maximum bytes of a standard parameter. */
export const standardBytes = 4096;
/** Longest value of an advanced parameter, in bytes (Systems Manager User Guide, "Managing parameter tiers"). */
export const advancedBytes = 8192;

/** How a parameter is written. */
export interface WriteOptions {
  /** Version that the text replaces; 0 if there was none. */
  readonly readVersion: number;
  readonly type: 'String' | 'SecureString';
  readonly tier?: ParameterTier | undefined;
  /** KMS key of a SecureString. @default the account's own for Parameter Store */
  readonly keyId?: string | undefined;
  /** Overwrites any version. */
  readonly force?: boolean | undefined;
}

/** The result of writing a parameter. */
export interface Written {
  readonly version: number;
  /** The version of another writer between this command's reading and writing. It is no longer the newest. */
  readonly overtaken: number | undefined;
}

/** @throws CliError CONFLICT if the parameter does not have the version that was read */
export async function writeParameter(
  ssm: SSMClient,
  name: string,
  value: string,
  options: WriteOptions,
): Promise<Written> {
  const { readVersion, force } = options;
  const before = readVersion === 0 && !force ? 0 : await readCurrentVersion(ssm, name);
  if (!force && before !== readVersion) throw conflict(name, readVersion, before);
  const input = toInput(name, value, { ...options, isNew: before === 0 });
  try {
    const { Version: version = 0 } = await ssm.send(new PutParameterCommand(input));
    return { version, overtaken: version === before + 1 ? undefined : version - 1 };
  } catch (error) {
    if (!(error instanceof ParameterAlreadyExists)) throw error;
    throw conflict(name, 0, await readCurrentVersion(ssm, name));
  }
}

/** @throws CliError CONFLICT if the parameter does not have the version that was read */
export async function removeParameter(
  ssm: SSMClient,
  name: string,
  { readVersion, force }: Pick<WriteOptions, 'readVersion' | 'force'>,
): Promise<void> {
  const before = await readCurrentVersion(ssm, name);
  if (!force && before !== readVersion) throw conflict(name, readVersion, before);
  await ssm.send(new DeleteParameterCommand({ Name: name }));
}

async function readCurrentVersion(ssm: SSMClient, name: string): Promise<number> {
  return (await findParameter(ssm, name))?.version ?? 0;
}

interface ToInputOptions extends WriteOptions {
  readonly isNew: boolean;
}

/** SSM refuses to change a parameter's type, and keeps it if none is given. */
function toInput(
  name: string,
  value: string,
  { isNew, type, tier, keyId }: ToInputOptions,
): PutParameterCommandInput {
  return {
    ...{ Name: name, Value: value, Overwrite: !isNew },
    ...(isNew ? { Type: type } : {}),
    ...(tier === undefined ? {} : { Tier: tier }),
    ...(keyId === undefined ? {} : { KeyId: keyId }),
  };
}

function conflict(name: string, readVersion: number, found: number): CliError {
  const expected = readVersion === 0 ? 'no such parameter' : `version ${readVersion}`;
  const there = found === 0 ? 'it does not exist' : `found version ${found}`;
  return new CliError(
    'CONFLICT',
    `${name}: expected ${expected}, but ${there}. Nothing was written.`,
    {
      hint: 'Another writer changed it. Look at the change (history, diff) and try again, or overwrite with --force.',
      details: { parameter: name, readVersion, foundVersion: found },
    },
  );
}
