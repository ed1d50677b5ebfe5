/** Finds the function of a function URL. The host does not name it, so the CLI asks Lambda about each function. */
import {
  type LambdaClient,
  paginateListFunctions,
  paginateListFunctionUrlConfigs,
} from '@aws-sdk/client-lambda';

/** Concurrent calls. Lambda's control plane allows some tens a second. */
const atOnce = 5;

/**
 * @param lambda a client for the region of the hosts
 * @param hosts hosts of function URLs in the region
 * @returns ARNs by host (the ARN of the alias for an alias's URL); hosts of other accounts are missing
 */
export async function findFunctions(
  lambda: LambdaClient,
  hosts: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const names of listFunctions(lambda)) {
    const urls = await Promise.all(names.map((name) => readUrls(lambda, name)));
    for (const [host, arn] of urls.flat().filter(([host]) => hosts.has(host))) found.set(host, arn);
    if (found.size === hosts.size) break;
  }
  return found;
}

/** Yields names of the region's functions, in groups that are asked about at the same time. */
async function* listFunctions(client: LambdaClient): AsyncGenerator<string[]> {
  for await (const { Functions = [] } of paginateListFunctions({ client }, {})) {
    const names = Functions.flatMap(({ FunctionName: name }) => name ?? []);
    for (let start = 0; start < names.length; start += atOnce) {
      yield names.slice(start, start + atOnce);
    }
  }
}

async function readUrls(client: LambdaClient, FunctionName: string): Promise<[string, string][]> {
  const urls: [string, string][] = [];
  for await (const page of paginateListFunctionUrlConfigs({ client }, { FunctionName })) {
    for (const { FunctionUrl: url = '', FunctionArn: arn = '' } of page.FunctionUrlConfigs ?? []) {
      if (URL.canParse(url)) urls.push([new URL(url).hostname, arn]);
    }
  }
  return urls;
}
