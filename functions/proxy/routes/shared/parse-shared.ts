/** A document of a shared kind → its objects, checked by their schema and not yet by those of their plugins. */
import { createHash } from 'node:crypto';
import { documentError, pointerTo } from '../../documents/document-error.ts';
import { parseWith, refuseInheritedKeys } from '../../documents/schema.ts';
import { toItems } from '../items.ts';
import type { SharedKind } from '../kind.ts';
import { sharedSchemas } from './schema.ts';
import type { SharedObject } from './shared-object.ts';

/** Where a document is, and what it holds. */
export interface SharedPlace {
  readonly kind: SharedKind;
  /** Name of the parameter. */
  readonly parameter: string;
}

/**
 * @param document the parameter's value, parsed: one object, or an array of them
 * @throws DocumentError
 */
export function parseShared(
  document: unknown,
  { kind, parameter }: SharedPlace,
): readonly SharedObject[] {
  const ids = new Set<string>();
  return toItems(document, parameter).map(({ item, pointer, ownId }) => {
    refuseInheritedKeys(item, pointer);
    const parsed = parseWith(sharedSchemas[kind], item, { pointer, written: item });
    const id = parsed.id ?? ownId;
    if (id === undefined || ids.has(id)) {
      const expected = 'an id of its own for each object of an array';
      throw documentError(pointerTo(pointer, 'id'), id, expected);
    }
    ids.add(id);
    const place = { kind, id, parameter, pointer };
    const own = 'plugins' in parsed ? parsed : { plugins: {}, upstream: parsed };
    return { ...place, document: own, isAvailable: true, digest: toDigest(item), plugins: [] };
  });
}

function toDigest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
