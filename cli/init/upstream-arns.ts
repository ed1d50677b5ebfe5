/** What the policy of the app names: the ARNs of what its route calls. */

import { toArnPartition } from '../../functions/proxy/sign/partitions.ts';
import { toApiId, toApiPaths } from '../../lib/proxy/api-paths.ts';
import type { AppFunction, AppPlan } from './app-plan.ts';
import { findRegion } from './questions.ts';

/** @param account of the function, where its own is not known: a variable in the language of the app */
export function toFunctionArn(
  { partition, region, account: own, name }: AppFunction,
  account: string,
): string {
  return `arn:${partition}:lambda:${region}:${own ?? account}:function:${name}`;
}

/** @param own the account of the deployment, as a variable in the language of the app */
export function toApiArns(url: string, { account }: AppPlan, own: string): string[] {
  const { hostname, pathname } = new URL(url);
  const region = findRegion(url) ?? '';
  const api = `arn:${toArnPartition(region)}:execute-api:${region}:${account ?? own}:${toApiId(hostname)}`;
  return toApiPaths(pathname).map((path) => `${api}/${path}`);
}
