/**
 * Parameter Store through the SDK: writing. A new parameter is written only where there is none, which SSM itself sees
 * to. For the rest it has no conditional put: the version is read just before, and the one that comes back is compared.
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

/** What a standard parameter holds, and an advanced one. */
export const standardBytes = 4096;
/** Longest value of an advanced parameter, in bytes (Systems Manager User Guide, "Managing parameter tiers"). */
export const advancedBytes = 8192;

/** How a parameter is written. */
export interface WriteOptions {
  /** Version that the text replaces; 0 where there was none. */
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
  /** Somebody else wrote between our reading and our writing: their version, which is no longer the newest. */
  readonly overtaken: number | undefined;
}

/** @throws CliError CONFLICT when the parameter is not at the version that was read */
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

/** @throws CliError CONFLICT when the parameter is not at the version that was read */
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

/** SSM refuses to change a parameter's type, and keeps it when none is given. */
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
  const there = found === 0 ? 'it is gone' : `version ${found} is there`;
  return new CliError(
    'CONFLICT',
    `${name}: expected ${expected}, but ${there}. Nothing was written.`,
    {
      hint: 'Somebody else was faster. Look at their change (history, diff) and try again, or insist with --force.',
      details: { parameter: name, readVersion, foundVersion: found },
    },
  );
}
