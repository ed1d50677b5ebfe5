/** Reads Parameter Store with the SDK. */
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  ParameterNotFound,
  paginateGetParameterHistory,
  type SSMClient,
} from '@aws-sdk/client-ssm';

/** A parameter of Parameter Store. */
export interface StoredParameter {
  /** Absolute name. */
  readonly name: string;
  /** Decrypted value. */
  readonly value: string;
  readonly version: number;
  readonly type: string;
  readonly modified: Date | undefined;
}

/** A version in a parameter's history. */
export interface StoredVersion extends StoredParameter {
  readonly tier: string;
  /** ARN of the principal that wrote it. */
  readonly user: string | undefined;
}

/** Called for each parameter that cannot be decrypted. */
export type OnUnreadable = (parameter: Omit<StoredParameter, 'value'>) => void;

/** Reads all parameters below a path, in the order of names. Omits those that cannot be decrypted, and reports them. */
export async function readTree(
  ssm: SSMClient,
  path: string,
  onUnreadable: OnUnreadable = () => {},
): Promise<StoredParameter[]> {
  const parameters: StoredParameter[] = [];
  let nextToken: string | undefined;
  do {
    const input = { Path: path, Recursive: true, MaxResults: 10, NextToken: nextToken };
    const page = await readPage(ssm, input, onUnreadable);
    parameters.push(...page.parameters);
    nextToken = page.nextToken;
  } while (nextToken);
  return parameters.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Reads a page. SSM refuses the whole page if one parameter's key may not be used; then its SecureStrings are read one
 * by one. The SDK's paginator stops at a refusal, so `readTree` asks for each page itself.
 */
async function readPage(
  ssm: SSMClient,
  input: GetParametersByPathCommandInput,
  onUnreadable: OnUnreadable,
) {
  const read = (WithDecryption: boolean) =>
    ssm.send(new GetParametersByPathCommand({ ...input, WithDecryption }));
  try {
    const { Parameters = [], NextToken: nextToken } = await read(true);
    return { parameters: Parameters.map(toStored), nextToken };
  } catch (refusal) {
    if (!isRefusal(refusal)) throw refusal;
    const listed = await read(false).catch((error: unknown) => {
      throw isRefusal(error) ? refusal : error;
    });
    const parameters: StoredParameter[] = [];
    for (const parameter of (listed.Parameters ?? []).map(toStored)) {
      const decrypted = await decryptParameter(ssm, parameter);
      if (decrypted) parameters.push(decrypted);
      else onUnreadable(parameter);
    }
    return { parameters, nextToken: listed.NextToken };
  }
}

/** @returns undefined if the parameter may not be decrypted, or no longer exists */
async function decryptParameter(
  ssm: SSMClient,
  parameter: StoredParameter,
): Promise<StoredParameter | undefined> {
  if (parameter.type !== 'SecureString') return parameter;
  try {
    return await findParameter(ssm, parameter.name);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^(AccessDenied|InvalidKeyId|KMS)/.test(error.name);
}

/** @returns whether anything exists below a path; true if these credentials may not see it */
export async function hasParameters(ssm: SSMClient, path: string): Promise<boolean> {
  let nextToken: string | undefined;
  do {
    const input = { Path: path, Recursive: true, MaxResults: 1, NextToken: nextToken };
    try {
      const page = await ssm.send(new GetParametersByPathCommand(input));
      if (page.Parameters?.length) return true;
      // A page without parameters may be followed by others.
      nextToken = page.NextToken;
    } catch (error) {
      if (isRefusal(error)) return true;
      throw error;
    }
  } while (nextToken);
  return false;
}

/** Reads the newest version; undefined if there is none. */
export async function findParameter(
  ssm: SSMClient,
  name: string,
): Promise<StoredParameter | undefined> {
  try {
    const { Parameter } = await ssm.send(
      new GetParameterCommand({ Name: name, WithDecryption: true }),
    );
    return Parameter && toStored(Parameter);
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

/** Reads the kept versions (SSM keeps 100), newest first; empty if there is no such parameter. */
export async function readHistory(ssm: SSMClient, name: string): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = [];
  const input = { Name: name, WithDecryption: true, MaxResults: 50 };
  try {
    for await (const page of paginateGetParameterHistory({ client: ssm }, input)) {
      for (const version of page.Parameters ?? []) {
        const { Tier: tier = 'Standard', LastModifiedUser: user } = version;
        versions.push({ ...toStored(version), tier, user });
      }
    }
  } catch (error) {
    if (error instanceof ParameterNotFound) return [];
    throw error;
  }
  return versions.sort((a, b) => b.version - a.version);
}

interface SdkParameter {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
  readonly Version?: number | undefined;
  readonly Type?: string | undefined;
  readonly LastModifiedDate?: Date | undefined;
}

function toStored(parameter: SdkParameter): StoredParameter {
  const { Name = '', Value = '', Version = 0, Type = 'String', LastModifiedDate } = parameter;
  return { name: Name, value: Value, version: Version, type: Type, modified: LastModifiedDate };
}
