/** How similar a path is to the paths of a route, so that mistyped paths show the route that was meant. */
import { toMatchKey } from '../../functions/proxy/http/path.ts';
import { countMistakes } from '../../functions/proxy/routes/meant-plugin.ts';
import type { Route } from '../../functions/proxy/routes/route.ts';

type Uri = Route['uris'][number];

/** A longer segment is compared as far as this, which bounds the work. */
const maxLength = 100;

/** @returns the fewest characters to add, leave out or replace, so that the path would match one of the route's */
export function distanceTo({ uris }: Route, path: string): number {
  const asked = path.slice(1).split('/').map(toMatchKey);
  return Math.min(...uris.map((uri) => distanceOf(uri, asked)));
}

function distanceOf({ segments, isPrefix }: Uri, asked: readonly string[]): number {
  const last = segments.length - 1;
  const own = segments.map((segment, index) => {
    const found = asked[index];
    if (found === undefined) return (segment?.length ?? 1) + 1;
    if (segment === undefined) return found === '' ? 1 : 0;
    const isOpenEnded = isPrefix && index === last;
    return countCapped(segment, isOpenEnded ? found.slice(0, segment.length) : found);
  });
  const surplus = isPrefix ? [] : asked.slice(segments.length).map(({ length }) => length + 1);
  return [...own, ...surplus].reduce((sum, count) => sum + count, 0);
}

function countCapped(a: string, b: string): number {
  return countMistakes(a.slice(0, maxLength), b.slice(0, maxLength));
}
