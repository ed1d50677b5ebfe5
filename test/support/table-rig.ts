/** A table loader over a Parameter Store in memory. */
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import {
  createLoggedLoader,
  type LoadLoggedTable,
} from '../../functions/proxy/routes/logged-loader.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import { type LogLine, type RecordingLogger, toLogger, toRequest, toServices } from './builders.ts';
import { rules } from './documents.ts';
import { createFakeParameterStore, type FakeParameterStore } from './fake-parameter-store.ts';

export const root = '/countersign/test';

export interface TableRig {
  readonly store: FakeParameterStore;
  readonly log: RecordingLogger;
  /** Hosts that plugins and upstreams have connected to. */
  readonly connections: readonly { readonly hostname: string }[];
  readonly load: LoadLoggedTable;
  /** A loader with no memory of its own, as in a fresh environment. */
  createLoad(): LoadLoggedTable;
}

export function createTableRig(
  variables: Readonly<Record<string, string>> = {},
  { requireAccessPlugin = false } = {},
): TableRig {
  const store = createFakeParameterStore(root);
  const log = toLogger();
  const services = toServices();
  // There is no table to count in.
  const limits = { ...services.limits, table: undefined };
  const createLoad = () =>
    createLoggedLoader({
      root,
      rules,
      reader: store,
      registry: plugins,
      compile: { services: { ...services, limits }, requireAccessPlugin },
      readVariable: (name) => variables[name],
      log,
    });
  return { store, log, connections: services.connections, load: createLoad(), createLoad };
}

/** @returns the id of the route that takes a GET of the path, or the error's code */
export function routeIdFor(table: RouteTable, path: string): string {
  try {
    return table.matcher.match(toRequest({ path })).route.id;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

export function invalidLines(log: RecordingLogger): readonly LogLine[] {
  return log.lines.filter(({ fields }) => fields['event'] === 'invalid-document');
}
