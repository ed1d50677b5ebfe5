/** Tables of documents that share objects, in a warm environment and in a fresh one. */
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { toRequest } from './builders.ts';
import { createTableRig, root } from './table-rig.ts';

/** By name below the root. */
export type Documents = Readonly<Record<string, unknown>>;

/** Writes versions one after the other; undefined deletes. @returns the table of a warm environment, and of a fresh one */
export async function loadBoth(steps: readonly Documents[], rig = createTableRig()) {
  let warm: RouteTable | undefined;
  for (const documents of steps) {
    for (const [name, value] of Object.entries(documents)) {
      if (value === undefined) rig.store.remove(`${root}/${name}`);
      else rig.store.put(`${root}/${name}`, value);
    }
    warm = await rig.load(warm);
  }
  return [warm as RouteTable, await rig.createLoad()(undefined)] as const;
}

/** @returns the route that a GET matches */
export function routeAt(table: RouteTable, path = '/orders', host = 'any.example.com') {
  return table.matcher.match(toRequest({ path, host })).route;
}
