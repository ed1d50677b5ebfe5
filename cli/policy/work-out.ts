/** Derives the needs of the table in force, and makes the calls to AWS that this requires. */
import type { Context } from '../context.ts';
import type { RehearsedTable } from '../rehearsal/load-table.ts';
import { listRules, listUpstreams, toRuleName } from '../rehearsal/upstreams.ts';
import type { Settings } from '../settings.ts';
import {
  type Found,
  type FunctionsOptions,
  findAccount,
  findFunctionArns,
  findKeys,
} from './facts.ts';
import { type Needs, toNeeds } from './needs.ts';
import { parseSnapshot, type SnapshotFacts } from './snapshot-needs.ts';

/** The inputs of a policy. */
export interface WorkOutOptions extends FunctionsOptions {
  readonly loaded: RehearsedTable;
  /** Account of the role. If it is undefined, the caller's account is used (STS). */
  readonly account: string | undefined;
  /** `s3://<bucket>/<key>`; if it is undefined, `COUNTERSIGN_SNAPSHOT_URI` is used. */
  readonly snapshot: string | undefined;
}

/** The needs of all routes in force. */
export interface WorkedOut {
  readonly needs: Needs;
  readonly remarks: readonly string[];
}

/** The needs of the routes in force, and remarks about needs that could not be derived. */
export async function workOutNeeds(
  context: Context,
  { loaded, account, snapshot: snapshotUri, ...functionsOptions }: WorkOutOptions,
): Promise<WorkedOut> {
  const settings = context.settings();
  const root = settings.root();
  const region = await context.region();
  const upstreams = listUpstreams(loaded, { region, allowedHosts: settings.allowedHosts });
  const own = account === undefined ? await findAccount(context) : { value: account };
  const where = { root, region, account: own.value };
  const uri = snapshotUri ?? settings.snapshotUri;
  const snapshot = uri === undefined ? undefined : parseSnapshot(uri, findKeyArn(settings));
  const keys = snapshot ? toKeyRemark(snapshot) : await findKeys(context.ssm(), where);
  const functions = await findFunctionArns(context, upstreams, functionsOptions);
  const texts = [...loaded.table.documents.values()].map(({ text }) => text);
  const { limitTable: table } = settings;
  const facts = {
    ...{
      ...where,
      rules: settings.rules(root),
      texts,
      keyArns: keys.value,
      snapshot,
      functions: functions.value,
    },
    ...(table === undefined ? {} : { limits: { table, routes: listCounting(loaded) } }),
  };
  return {
    needs: toNeeds(upstreams, facts),
    remarks: [own, keys, functions].flatMap(({ remark }) => remark ?? []),
  };
}

/** Finds the ARN of the key. The id or alias of a key does not identify the resource for a policy. */
function findKeyArn({ snapshotKey }: Settings): string | undefined {
  return snapshotKey?.startsWith('arn:') ? snapshotKey : undefined;
}

function toKeyRemark({ keyArn }: SnapshotFacts): Found<readonly string[]> {
  const remark =
    'Which key encrypts the snapshot is not known: set COUNTERSIGN_SNAPSHOT_KEY to its ARN, as the function has it.';
  return keyArn === undefined ? { value: [], remark } : { value: [] };
}

/** Lists the routes, consumers and global rules whose limits count for all environments together. */
function listCounting(loaded: RehearsedTable): string[] {
  const { routes, table, rehearsal } = loaded;
  const counts = (settings: unknown) =>
    (settings as { readonly policy?: unknown } | undefined)?.policy === 'dynamodb';
  const consumers = [...table.documents.values()].flatMap((document) => document.consumers);
  const all = [
    ...routes,
    ...consumers.map(({ username, plugins }) => ({ id: `consumers/${username}`, plugins })),
    ...listRules(loaded).map((rule) => ({ id: toRuleName(rule), plugins: rule.plugins })),
  ];
  return all
    .filter(({ plugins }) => plugins.some((prepared) => counts(rehearsal.settingsOf(prepared))))
    .map(({ id }) => id);
}
