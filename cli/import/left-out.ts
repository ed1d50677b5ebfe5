/** Documents that name what is left out are left out as well. */
import { findLinks, type LinkFields } from '../../functions/proxy/routes/shared/shared-object.ts';
import type { Converted } from './conversion.ts';

/** A document that was checked before those that name it. */
export interface Earlier extends Converted {
  /** Why it is left out; empty for one that is imported. */
  readonly issues: readonly string[];
}

/** @returns why a document is left out because of others, as sentences */
export function findLeftOut(
  { kind, id, document }: Converted,
  earlier: readonly Earlier[],
): string[] {
  const leftOut = new Set(
    earlier.filter(({ issues }) => issues.length > 0).map((own) => `${own.kind}/${own.id}`),
  );
  const named = findLinks(document as LinkFields).map((link) => `${link.kind}s/${link.id}`);
  // All requests of all routes pass the global rules.
  const above =
    kind === 'routes' ? [...leftOut].filter((name) => name.startsWith('global_rules/')) : [];
  const owner = /^([^/]+)\/credentials\//.exec(id)?.[1];
  const owners = kind === 'consumers' && owner !== undefined ? [`consumers/${owner}`] : [];
  const needed = [...named, ...owners].filter((name) => leftOut.has(name));
  return [...needed, ...above].map((name) => `${kind}/${id}: ${name} is left out`);
}
