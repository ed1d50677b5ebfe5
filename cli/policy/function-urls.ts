/** Finds the function behind a function URL. The host does not name it, so the CLI asks Lambda, function by function. */

import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { toDnsSuffix } from '../../functions/proxy/sign/partitions.ts';
import type { Credentials } from '../../functions/proxy/sign/provider.ts';
import { toCall } from '../invoke/request.ts';
import { sendCall } from '../invoke/send.ts';
import { CliError } from '../terminal/cli-error.ts';

/** How Lambda's API is reached. */
export interface LookupOptions {
  readonly region: string;
  /** Of Lambda's API, without a slash at the end. @default the region's own */
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
}

/** Calls in flight at once; Lambda's control plane allows some tens a second. */
const atOnce = 5;
const timeoutMs = 10_000;

/**
 * @param hosts of function URLs in the region
 * @returns ARNs (of an alias, where the URL is an alias's) by host; hosts of other accounts are missing
 * @throws CliError `AWS` when Lambda refuses
 */
export async function findFunctions(
  hosts: ReadonlySet<string>,
  options: LookupOptions,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const names of listFunctions(options)) {
    const urls = await Promise.all(names.map((name) => readUrls(name, options)));
    for (const [host, arn] of urls.flat().filter(([host]) => hosts.has(host))) found.set(host, arn);
    if (found.size === hosts.size) break;
  }
  return found;
}

/** Names of the region's functions, as many at once as may be asked about at once. */
async function* listFunctions(options: LookupOptions): AsyncGenerator<string[]> {
  let marker: unknown;
  do {
    const query = marker === undefined ? '' : `&Marker=${encodeURIComponent(String(marker))}`;
    const page = await readLambda(`/2015-03-31/functions/?MaxItems=50${query}`, options);
    const names = toObjects(page['Functions']).map(({ FunctionName }) => String(FunctionName));
    for (let start = 0; start < names.length; start += atOnce) {
      yield names.slice(start, start + atOnce);
    }
    marker = page['NextMarker'] ?? undefined;
  } while (marker !== undefined);
}

async function readUrls(name: string, options: LookupOptions): Promise<[string, string][]> {
  const { FunctionUrlConfigs } = await readLambda(
    `/2021-10-31/functions/${encodeURIComponent(name)}/urls`,
    options,
  );
  return toObjects(FunctionUrlConfigs).flatMap(({ FunctionUrl, FunctionArn }) =>
    URL.canParse(String(FunctionUrl))
      ? [[new URL(String(FunctionUrl)).hostname, String(FunctionArn)]]
      : [],
  );
}

async function readLambda(
  path: string,
  { region, endpoint, credentials }: LookupOptions,
): Promise<Record<string, unknown>> {
  const base = endpoint ?? `https://lambda.${region}.${toDnsSuffix(region)}`;
  const scope = { service: 'lambda', region };
  const asked = { method: 'GET', headers: [], body: Buffer.alloc(0), ...scope };
  const call = toCall({ ...asked, url: `${base}${path}` });
  const response = await sendCall(call, { scope, credentials, timeoutMs });
  const { status } = response;
  const body = await gatherBody(response);
  if (status !== 200) {
    throw new CliError('AWS', `Lambda answered ${status} to GET ${path.replace(/\?.*$/, '')}.`);
  }
  return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
}

function toObjects(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}
