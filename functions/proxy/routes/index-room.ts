/** How much room the routes of all documents together take in the index of all paths. */
import type { DocumentIssue } from '../documents/document-error.ts';

/** What the routes of a document take in the index. */
export interface IndexRoom {
  /** Pairs of host and path. */
  readonly pairs: number;
  /** Segments of the paths, counted once for each host. */
  readonly segments: number;
}

interface MeasuredRoute {
  readonly hosts: readonly string[];
  readonly uris: readonly (string | { readonly text: string })[];
}

/** The limits of all documents together. The publisher needs at most about 400 MB to build an index of this size. */
export const maxRoom: IndexRoom = { pairs: 80_000, segments: 300_000 };

/** The room of no routes. */
export const noRoom: IndexRoom = { pairs: 0, segments: 0 };

/** @param routes of one document */
export function measureRoom(routes: readonly MeasuredRoute[]): IndexRoom {
  let { pairs, segments } = noRoom;
  for (const { hosts, uris } of routes) {
    pairs += hosts.length * uris.length;
    for (const uri of uris) {
      const text = typeof uri === 'string' ? uri : uri.text;
      segments += hosts.length * (text.split('/').length - 1);
    }
  }
  return { pairs, segments };
}

/** @param sign -1 to take the room away */
export function addRoom(a: IndexRoom, b: IndexRoom, sign: 1 | -1 = 1): IndexRoom {
  return { pairs: a.pairs + sign * b.pairs, segments: a.segments + sign * b.segments };
}

/** Whether a room, in pairs and segments, is at most the limit. */
export function isWithin(room: IndexRoom, limit: IndexRoom): boolean {
  return room.pairs <= limit.pairs && room.segments <= limit.segments;
}

/** @returns what is wrong with a document that there is no room for. It does not change with the other documents */
export function toRoomIssue({ pairs, segments }: IndexRoom): DocumentIssue {
  return {
    pointer: '',
    found: `${pairs} pairs of host and path, and ${segments} segments of paths, that exceed the limit with those of earlier documents`,
    expected: `at most ${maxRoom.pairs} pairs of host and path in all documents together, and ${maxRoom.segments} segments of paths, counted once for each host`,
    isUnfulfilled: true,
  };
}
