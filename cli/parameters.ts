/** Parameter Store through the SDK: what the commands read and write. */
import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';

export interface StoredParameter {
  /** Absolute. */
  readonly name: string;
  readonly value: string;
  readonly version: number;
  readonly type: string;
  readonly modified: Date | undefined;
}

/** Everything below a path, decrypted, in the order of names. */
export async function readTree(ssm: SSMClient, path: string): Promise<StoredParameter[]> {
  const parameters: StoredParameter[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ssm.send(
      new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        WithDecryption: true,
        NextToken: nextToken,
      }),
    );
    for (const {
      Name = '',
      Value = '',
      Version = 0,
      Type = '',
      LastModifiedDate,
    } of page.Parameters ?? []) {
      parameters.push({
        name: Name,
        value: Value,
        version: Version,
        type: Type,
        modified: LastModifiedDate,
      });
    }
    nextToken = page.NextToken;
  } while (nextToken);
  return parameters.sort((a, b) => (a.name < b.name ? -1 : 1));
}
