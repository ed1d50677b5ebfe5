/** How much room the places of one document take in the index of all paths. */
import { DocumentError, pointerTo } from '../documents/document-error.ts';
import type { RouteDocument } from './schema.ts';

/** Each pair of host and path is stored by itself. */
const maxPairs = 2000;
/** Each segment of a path is stored once for each host. A document of 8 KB that names no hosts has no more of them. */
const maxSegments = 4000;

type PlaceFields = Pick<RouteDocument, 'uri' | 'uris' | 'hosts'>;

/**
 * A short list of hosts and a short list of paths have very many pairs, in each route of an array. So they are counted before
 * anything is made of them.
 *
 * @returns a function that is told of each route of one document. It throws DocumentError for the first route that is too much
 */
export function createPlaceCount(): (place: PlaceFields, pointer: string) => void {
  let pairs = 0;
  let segments = 0;
  return ({ uri = '/', uris = [uri], hosts = [''] }, pointer) => {
    const ofPaths = uris.reduce((sum, path) => sum + path.split('/').length - 1, 0);
    pairs += hosts.length * uris.length;
    segments += hosts.length * ofPaths;
    const expected =
      (pairs > maxPairs && `at most ${maxPairs} pairs of host and path in one document`) ||
      (segments > maxSegments &&
        `at most ${maxSegments} segments of paths in one document, counted once for each host`);
    if (!expected) return;
    const found = `${pairs > maxPairs ? pairs : segments} with those before`;
    throw new DocumentError([{ pointer: pointerTo(pointer, 'uris'), found, expected }]);
  };
}
