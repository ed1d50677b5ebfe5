/** Upstreams that the `traffic-split` of a route, consumer or shared object names. */

/** An upstream that a `traffic-split` names. */
export interface SplitLink {
  readonly id: string;
  /** JSON pointer of the id inside the item. */
  readonly pointer: string;
}

/** @param item of a document, parsed or not. @returns the upstreams that its `traffic-split` names */
export function findSplitLinks({ plugins }: { readonly plugins?: unknown }): SplitLink[] {
  const split = '/plugins/traffic-split';
  const { rules } = Object(Object(plugins)['traffic-split']);
  return toList(rules).flatMap((rule, index) =>
    toList(Object(rule).weighted_upstreams).flatMap((share, place) => {
      const { upstream_id: id } = Object(share);
      const pointer = `${split}/rules/${index}/weighted_upstreams/${place}/upstream_id`;
      return typeof id === 'string' || typeof id === 'number' ? [{ id: String(id), pointer }] : [];
    }),
  );
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
