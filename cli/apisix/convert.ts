/** Converts APISIX's resources to documents, and reports each difference. */

import { type Conversion, withOwnId } from '../import/conversion.ts';
import { convertConsumer } from './consumer.ts';
import type { ConvertOptions } from './plugins.ts';
import type { Resource, Resources } from './read.ts';
import { convertRoute } from './route.ts';
import { convertShared } from './shared.ts';

/** Types of resources that become documents, or decide about routes. */
const used = [
  ...['routes', 'consumers', 'credentials', 'services', 'plugin_configs', 'consumer_groups'],
  ...['upstreams', 'global_rules'],
];

/** Converts the objects of APISIX to documents of the same kinds. The documents are not checked yet. */
export function convertApisix(resources: Resources, options: ConvertOptions): Conversion {
  const list = (type: string) => resources.get(type) ?? [];
  const shared = convertShared(list, options);
  const routes = list('routes').map((route, index) =>
    convertRoute(route, { ...options, index, list, shared }),
  );
  const consumers = list('consumers').flatMap((consumer) =>
    convertConsumer(consumer, { ...options, list, shared }),
  );
  const others = [...resources].flatMap(([type, { length }]) =>
    used.includes(type) ? [] : [`${length} of ${type}: there is no such thing here`],
  );
  const unsafe = shared.all.flatMap(({ converted: { kind, id }, lost }) =>
    lost.length > 0
      ? [`${kind}/${id}: it would let through more than it did; ${lost.join('; ')}`]
      : [],
  );
  const safe = shared.all.filter(({ lost }) => lost.length === 0);
  const documents = [
    ...safe.map(({ converted }) => converted),
    ...consumers.flatMap((own) => ('converted' in own ? [own.converted] : [])),
    ...routes,
  ];
  const leftOut = [
    ...unsafe,
    ...consumers.flatMap((own) => ('dropped' in own ? [own.dropped] : [])),
    ...findOrphans(list),
  ];
  return {
    documents: documents.map(withOwnId(new Set())),
    dropped: [...others, ...leftOut],
    isIncomplete: leftOut.length > 0,
  };
}

/** @returns the credentials whose consumer is not in the file, as sentences */
function findOrphans(list: (type: string) => readonly Resource[]): string[] {
  const names = new Set(list('consumers').map(({ username }) => String(username)));
  return list('credentials').flatMap(({ id, username }) =>
    names.has(String(username))
      ? []
      : [`credential ${id} of consumer ${username}: this consumer is not in the file`],
  );
}
