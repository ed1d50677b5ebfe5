/** Parameter Store through the SDK: reading. */
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  ParameterNotFound,
  type SSMClient,
} from '@aws-sdk/client-ssm';

export interface StoredParameter {
  /** Absolute. */
  readonly name: string;
  /** Decrypted. */
  readonly value: string;
  readonly version: number;
  readonly type: string;
  readonly modified: Date | undefined;
}

export interface StoredVersion extends StoredParameter {
  readonly tier: string;
  /** ARN of who wrote it. */
  readonly user: string | undefined;
}

/** Everything below a path, in the order of names. */
export async function readTree(ssm: SSMClient, path: string): Promise<StoredParameter[]> {
  const parameters: StoredParameter[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ssm.send(
      new GetParametersByPathCommand({
        ...{ Path: path, Recursive: true, WithDecryption: true, MaxResults: 10 },
        NextToken: nextToken,
      }),
    );
    parameters.push(...(page.Parameters ?? []).map(toStored));
    nextToken = page.NextToken;
  } while (nextToken);
  return parameters.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The newest version, or undefined where there is none. */
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

/** Every version that is kept (SSM keeps 100), newest first; none where there is no such parameter. */
export async function readHistory(ssm: SSMClient, name: string): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const page = await ssm.send(
        new GetParameterHistoryCommand({
          ...{ Name: name, WithDecryption: true, MaxResults: 50 },
          NextToken: nextToken,
        }),
      );
      for (const version of page.Parameters ?? []) {
        const { Tier: tier = 'Standard', LastModifiedUser: user } = version;
        versions.push({ ...toStored(version), tier, user });
      }
      nextToken = page.NextToken;
    } while (nextToken);
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
