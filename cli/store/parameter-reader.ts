/**
 * Reads parameters for the proxy's loader with the SDK's client, so that the CLI's profiles, endpoints and retries
 * apply.
 */
import { GetParametersCommand, type SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { isRefused } from '../../functions/proxy/routes/named-reader.ts';
import type { ParameterReader } from '../../functions/proxy/routes/parameters.ts';
import { AwsServiceError } from '../../functions/proxy/send/aws-json.ts';
import { readHistory, readTree } from './parameters.ts';

/**
 * Creates the proxy's parameter reader with the AWS SDK. `readNamed` rejects with `AwsServiceError` for a name that may
 * not be read. All other errors are the SDK's.
 */
export function createParameterReader(ssm: SSMClient): ParameterReader {
  return {
    readTree: (root, onUnreadable) => readTree(ssm, root, onUnreadable),
    readHistory: (name) => readHistory(ssm, name),
    async readNamed(names) {
      const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
      const { Parameters: parameters = [] } = await ssm.send(command).catch((error: unknown) => {
        throw toServiceError(error);
      });
      return new Map(
        parameters.flatMap(({ Name: name, Value: value }) =>
          name === undefined || value === undefined ? [] : [[name, value] as const],
        ),
      );
    },
  };
}

/** Converts the error by which the proxy's loader recognises a name that may not be read. */
function toServiceError(error: unknown): unknown {
  if (!(error instanceof SSMServiceException)) return error;
  const { name, message, $metadata: metadata } = error;
  const refusal = new AwsServiceError(name, metadata.httpStatusCode ?? 400, message);
  return isRefused(refusal) ? refusal : error;
}
