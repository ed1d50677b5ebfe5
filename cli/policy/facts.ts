/** Finds the inputs of the needs besides the routes: account, keys, and the functions of function URLs. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { toArnPartition } from '../../functions/proxy/sign/partitions.ts';
import type { Context } from '../context.ts';
import type { RouteUpstream } from '../rehearsal/upstreams.ts';
import { CliError, toCliError } from '../terminal/cli-error.ts';
import { findFunctions } from './function-urls.ts';

/** A value, and a remark if it could not be found. */
export interface Found<T> {
  readonly value: T;
  readonly remark?: string;
}

/** These calls are optional, so a missing response must not delay the command. */
const requestHandler = { requestTimeout: 10_000, throwOnRequestTimeout: true };

/** Finds the account of the caller's credentials. */
export async function findAccount(context: Context): Promise<Found<string>> {
  const config = context.settings().clientConfig('STS');
  const sts = new STSClient({ ...config, region: await context.region(), requestHandler });
  try {
    const { Account: account } = await sts.send(new GetCallerIdentityCommand());
    if (account !== undefined) return { value: account };
  } catch (error) {
    if (toCliError(error).code !== 'AWS') throw error;
  }
  return { value: '*', remark: 'The account is not known: * stands for it. Give --account.' };
}

/** Finds the ARNs of customer managed keys. The AWS managed key `aws/ssm` needs no statement. */
export async function findKeys(
  ssm: SSMClient,
  { root, region, account }: { root: string; region: string; account: string },
): Promise<Found<readonly string[]>> {
  const keys = new Set<string>();
  try {
    const input = { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [root] }] };
    for await (const page of paginateDescribeParameters({ client: ssm }, input)) {
      for (const { KeyId } of page.Parameters ?? []) if (KeyId) keys.add(KeyId);
    }
  } catch (error) {
    const { name } = error as Error;
    if (!/AccessDenied/.test(name)) throw error;
    const remark =
      'Which keys encrypt the parameters is not known: ssm:DescribeParameters is denied.';
    return { value: [], remark };
  }
  keys.delete('alias/aws/ssm');
  const toArn = (id: string) =>
    id.startsWith('arn:') ? id : `arn:${toArnPartition(region)}:kms:${region}:${account}:key/${id}`;
  const aliases = [...keys].filter((id) => id.startsWith('alias/'));
  const value = [...keys].filter((id) => !id.startsWith('alias/')).map(toArn);
  if (aliases.length === 0) return { value };
  const remark = `kms:Decrypt is needed on the keys behind ${aliases.join(', ')}; IAM grants by key, not by alias.`;
  return { value, remark };
}

/** How the functions of function URLs are found. */
export interface FunctionsOptions {
  /** `host=arn` as given on the command line. */
  readonly given: readonly string[];
  /** Whether to ask Lambda about the others. */
  readonly isLookedUp: boolean;
}

/** @throws CliError for an invalid mapping */
export async function findFunctionArns(
  context: Context,
  upstreams: readonly RouteUpstream[],
  { given, isLookedUp }: FunctionsOptions,
): Promise<Found<ReadonlyMap<string, string>>> {
  const value = new Map(given.map(parseMapping));
  if (!isLookedUp) return { value };
  const config = context.settings().clientConfig('LAMBDA');
  try {
    for (const [region, hosts] of groupByRegion(upstreams, value)) {
      const lambda = new LambdaClient({ ...config, region, requestHandler });
      const found = await findFunctions(lambda, hosts);
      for (const [host, arn] of found) value.set(host, arn);
    }
    return { value };
  } catch (error) {
    const { code, message } = toCliError(error);
    if (code !== 'AWS') throw error;
    const remark = `The functions of the function URLs could not be looked up: ${message} The lookup needs lambda:ListFunctions and lambda:ListFunctionUrlConfigs.`;
    return { value, remark };
  }
}

/** Groups by region the hosts of signed function URLs whose functions are not known yet. */
function groupByRegion(
  upstreams: readonly RouteUpstream[],
  known: ReadonlyMap<string, string>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const regions = new Map<string, Set<string>>();
  for (const { target, signing } of upstreams) {
    const { endpointService, endpointRegion = '', hostname } = target;
    if (endpointService !== 'lambda' || !signing || known.has(hostname)) continue;
    regions.set(endpointRegion, (regions.get(endpointRegion) ?? new Set()).add(hostname));
  }
  return regions;
}

function parseMapping(text: string): [host: string, arn: string] {
  const [, host, arn] = /^(?:https:\/\/)?([a-z0-9.-]+)\/?=(arn:[\w-]+:lambda:.+)$/.exec(text) ?? [];
  if (host !== undefined && arn !== undefined) return [host, arn];
  throw new CliError('USAGE', `--function: found ${JSON.stringify(text)}, expected HOST=ARN.`);
}
