/** Versions of one route document, and the tables that environments make of them. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { toRequest } from './builders.ts';
import { functionUri } from './documents.ts';
import { createTableRig, root, type TableRig } from './table-rig.ts';

export const name = `${root}/routes/a`;
export const open = { uri: '/a', plugins: { 'aws-lambda': { function_uri: functionUri } } };
export const guarded = (guards: object = { 'key-auth': {} }) => ({
  ...open,
  plugins: { ...open.plugins, ...guards },
});
/** Malformed, and nothing else about it is touched. */
export const broken = (document: object) => ({ ...document, prioritty: 1 });

export function isWithheld(table: RouteTable, path = '/a'): boolean {
  return table.matcher.match(toRequest({ path })).route.isAvailable === false;
}

/** The versions, as an environment sees them that reads after each, and one that reads after all. */
export async function loadBoth(versions: readonly unknown[], rig: TableRig = createTableRig()) {
  let warm: RouteTable | undefined;
  for (const version of versions) {
    rig.store.put(name, version);
    warm = await rig.load(warm);
  }
  return [warm as RouteTable, await rig.createLoad()(undefined)] as const;
}
