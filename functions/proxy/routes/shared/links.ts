/** Whether the code is loaded that follows the links of a route or consumer. */
import type { ItemContext } from '../document-context.ts';
import type { Followed } from './inherit.ts';
import { findLinks, type LinkFields } from './shared-object.ts';

/** @returns what an item names; undefined for an item that names no shared object */
export function followLinks(
  item: LinkFields & { readonly plugins?: unknown },
  pointer: string,
  context: ItemContext,
): Followed | undefined {
  if (!mayLink(item)) return undefined;
  const { inherit } = context;
  if (!inherit) throw new Error('what follows links was not loaded');
  return inherit.followLinks(item, pointer, context);
}

/** Whether an item may name shared objects: by a field, or by its `traffic-split`. */
export function mayLink(item: LinkFields & { readonly plugins?: unknown }): boolean {
  return findLinks(item).length > 0 || 'traffic-split' in Object(item.plugins);
}
