/** The runtime's way of asking for parameters, over the SDK's client: profiles, endpoints and retries are the CLI's. */
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { ParameterReader } from '../../functions/proxy/routes/parameters.ts';
import { readHistory, readTree } from './parameters.ts';

/** SSM's own limit of a call. */
const namesPerCall = 10;

export function createParameterReader(ssm: SSMClient): ParameterReader {
  return {
    readTree: (root) => readTree(ssm, root),
    readHistory: (name) => readHistory(ssm, name),
    async readNamed(names) {
      const found = new Map<string, string>();
      for (let start = 0; start < names.length; start += namesPerCall) {
        const Names = names.slice(start, start + namesPerCall);
        const answer = await ssm.send(new GetParametersCommand({ Names, WithDecryption: true }));
        for (const { Name, Value } of answer.Parameters ?? []) {
          if (Name !== undefined && Value !== undefined) found.set(Name, Value);
        }
      }
      return found;
    },
  };
}
