/** Runs a complete first load of a table, from parameters' texts to the matcher, without the network. */

import { defaultEnvPrefix } from '../../functions/proxy/documents/reference-rules.ts';
import { createLogger } from '../../functions/proxy/log/log.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { createLoggedLoader } from '../../functions/proxy/routes/logged-loader.ts';
import type { Parameter } from '../../functions/proxy/routes/parameters.ts';
import type { RouteTable } from '../../functions/proxy/routes/route-table.ts';
import type { RouteShape } from './route-mix.ts';

const root = '/countersign/bench';

/**
 * Loads one route from each parameter, with ten upstreams.
 * @throws Error if a route did not come into force
 */
export async function loadRoutes(shapes: readonly RouteShape[]): Promise<RouteTable> {
  const parameters = shapes.map(toParameter);
  const log = createLogger('error', (line) => process.stderr.write(line));
  const load = createLoggedLoader({
    root,
    rules: { root, secretPaths: [], originSecret: undefined, envPrefix: defaultEnvPrefix },
    reader: {
      readTree: async () => parameters,
      readHistory: async () => [],
      readNamed: async () => new Map(),
    },
    registry: plugins,
    compile: {
      requireAccessPlugin: false,
      services: {
        ...createInertServices({ region: 'us-east-1', allowedHosts: [], limitTable: undefined }),
        log: (level, message, fields) => log[level](message, fields),
      },
    },
    readVariable: () => undefined,
    log,
  });
  const table = await load(undefined);
  if (table.documents.size !== shapes.length) throw new Error('a route is not in force');
  return table;
}

function toParameter({ id, uri, host }: RouteShape, index: number): Parameter {
  const upstream = `https://up${index % 10}.lambda-url.us-east-1.on.aws/base/`;
  const route = {
    id,
    name: `route ${index}`,
    uri,
    ...(host === undefined ? {} : { host }),
    plugins: { 'aws-lambda': { function_uri: upstream, authorization: { iam: {} } } },
  };
  return { name: `${root}/routes/${id}`, value: JSON.stringify(route), version: 1 };
}
