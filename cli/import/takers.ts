/** Which routes may take the requests of a route that an import leaves out. */
import { isDeepStrictEqual } from 'node:util';
import type { StoredDocument } from '../documents/stored.ts';
import { findJson } from '../terminal/json.ts';
import { type Converted, refusingPlugins } from './conversion.ts';

type Fields = Converted['document'];

/** @returns names of the enabled routes among them that have a wide path and do more than refuse */
export function findTakers(routes: readonly Pick<Converted, 'id' | 'document'>[]): string[] {
  return routes.flatMap(({ id, document }) => (mayTake(document) ? [`routes/${id}`] : []));
}

/**
 * @param replaced ids of documents that the import writes anew
 * @returns the names of those among the stored routes; that of an array's item is `routes/<id>#<id of the item>`
 */
export function findStoredTakers(
  stored: readonly Pick<StoredDocument, 'id' | 'value'>[],
  replaced: ReadonlySet<string>,
): string[] {
  return stored.flatMap(({ id, value }) => {
    const document = replaced.has(id) ? undefined : findJson(value)?.value;
    if (!Array.isArray(document)) return isFields(document) ? findTakers([{ id, document }]) : [];
    return findTakers(
      document.filter(isFields).map((item) => ({ id: `${id}#${item['id']}`, document: item })),
    );
  });
}

function mayTake({ uri, uris, status, plugins }: Fields): boolean {
  const paths = [uri, ...(Array.isArray(uris) ? uris : [])];
  const isWide = paths.some((path) => String(path).endsWith('*'));
  return isWide && status !== 0 && !isDeepStrictEqual(plugins, refusingPlugins);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
