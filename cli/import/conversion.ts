/** Documents that were converted from the configuration of another proxy. */
import type { KindName } from '../documents/kinds.ts';

/** A converted document. It is not checked yet. */
export interface Converted {
  readonly kind: KindName;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** The differences, as sentences. */
  readonly remarks: readonly string[];
  /** What a route has of its place from another document. A route that only refuses has it itself. */
  readonly inheritedPlace?: Readonly<Record<string, unknown>>;
  /** A sentence about who can call the route. It is left out where the route refuses every request. */
  readonly accessRemark?: string;
}

/** The result of a conversion. */
export interface Conversion {
  readonly documents: readonly Converted[];
  /** What the proxy does not support, as sentences. */
  readonly dropped: readonly string[];
  /** Whether something in `dropped` should have become a document. */
  readonly isIncomplete?: boolean;
  /** Values that the documents refer to, by the names of the secrets. */
  readonly secrets?: ReadonlyMap<string, string>;
}

/** Fields that say which requests come to a route, except conditions. */
const placeFields = ['uri', 'uris', 'host', 'hosts', 'methods', 'priority'];
/** The plugins of a route that only refuses: no client of a function URL has the address of the whitelist. */
export const refusingPlugins = { 'ip-restriction': { whitelist: ['127.0.0.1/32'] } };

/**
 * Makes a route that has the place of another one, and refuses every request, so that no wider route takes these requests. It
 * has no upstream.
 */
export function toRefusing(document: Converted['document']): Converted['document'] {
  const places = Object.entries(document).filter(([name]) => placeFields.includes(name));
  return { ...Object.fromEntries(places), plugins: refusingPlugins };
}

/** Whether a route was made by {@link toRefusing}. */
export function isRefusing({ document }: Converted): boolean {
  return document['plugins'] === refusingPlugins;
}

/** The remark on a route that refuses requests. @param wider what it would let through, as sentences */
export function toRefusal(wider: readonly string[]): string {
  return `refuses every request until you have looked at it: it would let through more than it did; ${wider.join('; ')}`;
}

/** An id as Parameter Store and file systems take it. */
export function toPlainId(text: string): string {
  return text.replaceAll(/[^\w.-]+/g, '-').slice(0, 64);
}

/** Makes ids unique, because the conversion may make two ids equal. */
export function withOwnId(taken: Set<string>): (converted: Converted) => Converted {
  return (converted) => {
    const { kind, id } = converted;
    const own = takeId(taken, `${kind}/${id}`).slice(kind.length + 1);
    return { ...converted, id: own };
  };
}

/** @returns the id, with a number at its end if it is taken. It is taken from then on */
export function takeId(taken: Set<string>, id: string): string {
  let own = id;
  for (let n = 2; taken.has(own); n += 1) own = `${id}-${n}`;
  taken.add(own);
  return own;
}
