/** Where a plan is written: account, Region and path, to show before anything is written. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { LOCAL_PARAMETER_PATH } from '../../local/stack/seeds.ts';
import type { Context } from '../context.ts';
import { hasParameters } from '../store/parameters.ts';

/** The place of a proxy's documents. */
export interface Place {
  /** Undefined for the local stack, and if STS does not tell it quickly. */
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly path: string;
  readonly isLocal: boolean;
}

/** STS answers within a tenth of this. Nobody should wait longer for a line of information. */
const identityMs = 1000;

/** Reads the place. It never fails: what cannot be had is undefined. */
export async function readPlace(context: Context): Promise<Place> {
  const { root, isLocal } = context.settings();
  const [region, account] = await Promise.all([
    context.region().catch(() => undefined),
    isLocal ? undefined : readAccount(context).catch(() => undefined),
  ]);
  return { account, region, path: root(), isLocal };
}

async function readAccount(context: Context): Promise<string | undefined> {
  const { region, credentials } = context.ssm().config;
  const config = context.settings().clientConfig('STS');
  const client = new STSClient({ region, ...config, credentials, maxAttempts: 1 });
  const abortSignal = AbortSignal.timeout(identityMs);
  const late = new Promise<undefined>((resolve) => {
    abortSignal.addEventListener('abort', () => resolve(undefined));
  });
  const asked = client.send(new GetCallerIdentityCommand({}), { abortSignal });
  // Credentials may take longer than the call, and do not listen to the signal.
  return (await Promise.race([asked, late]))?.Account;
}

/** @returns for example `account 123456789012, eu-west-1` or `local stack, us-east-1` */
export function describeAccount({ account, region, isLocal }: Place): string {
  const owner = isLocal ? 'local stack' : account && `account ${account}`;
  return [owner, region].filter(Boolean).join(', ');
}

/** @returns the head of a plan: `Account 123456789012, eu-west-1, /countersign/prod` */
export function toHeading(place: Place): string {
  const { account, region, path, isLocal } = place;
  const owner = isLocal ? 'Local stack' : account && `Account ${account}`;
  const where = owner === undefined && region ? `Region ${region}` : region;
  return [owner, where, path].filter(Boolean).join(', ');
}

/** @returns the path and whose it is: `/countersign/prod (account 123456789012, eu-west-1)` */
export function describePlace(place: Place): string {
  const account = describeAccount(place);
  return account === '' ? place.path : `${place.path} (${account})`;
}

/**
 * Whether nothing exists below the path, which may be mistyped then. The local stack's own path cannot be: it is the
 * default.
 */
export async function isUnusedPath(context: Context): Promise<boolean> {
  const { root, isLocal } = context.settings();
  if (isLocal && root() === LOCAL_PARAMETER_PATH) return false;
  return !(await hasParameters(context.ssm(), root()));
}
