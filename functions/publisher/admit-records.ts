/** Which documents there is room for in the index of all paths. Those that came first stay, and a later one waits for room. */
import { hash } from 'node:crypto';
import type { InvalidDocument } from '../proxy/routes/findings.ts';
import {
  addRoom,
  type IndexRoom,
  isWithin,
  maxRoom,
  measureRoom,
  noRoom,
  toRoomIssue,
} from '../proxy/routes/index-room.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import type { Evaluation } from './evaluate.ts';
import type { DocumentNote, PublishedState } from './state.ts';

/**
 * Takes each document that there is room for. A document that takes no more room than before always has it. Of one without
 * room, the paths that it had answer 503; one that had none is without routes, because to answer 503 for its paths would take the
 * same room.
 */
export function admitRecords(evaluation: Evaluation, state: PublishedState): Evaluation {
  const records = new Map(evaluation.records);
  const notes = new Map(evaluation.notes);
  let total = measureAll(state);
  for (const [name, record] of evaluation.records) {
    const published = state.records.get(name);
    const own = published ? measureRoom(published.routes) : noRoom;
    const room = record ? measureRoom(record.routes) : noRoom;
    const next = addRoom(addRoom(total, own, -1), room);
    const note = notes.get(name);
    if (!note || isWithin(room, own) || isWithin(next, maxRoom)) {
      total = next;
      continue;
    }
    const wasOver = state.notes.get(name)?.overRoom !== undefined;
    const kept = published && (wasOver ? published : toUnavailable(published));
    records.set(name, kept);
    const refused = toRefused({ name, note, room, kept });
    notes.set(name, { ...note, refused, overRoom: room });
  }
  const isAccepted = ({ parameter }: { readonly parameter: string }) =>
    notes.get(parameter)?.overRoom === undefined;
  return { records, notes, accepted: evaluation.accepted.filter(isAccepted) };
}

/** @returns the documents that were without room and have it now, all of them together */
export function findRoomy(state: PublishedState): ReadonlySet<string> {
  const roomy = new Set<string>();
  const waiting = [...state.notes].filter(([, { overRoom }]) => overRoom !== undefined);
  if (waiting.length === 0) return roomy;
  let total = measureAll(state);
  for (const [name, { overRoom = noRoom }] of waiting) {
    const own = measureRoom(state.records.get(name)?.routes ?? []);
    const next = addRoom(addRoom(total, own, -1), overRoom);
    if (!isWithin(next, maxRoom)) continue;
    roomy.add(name);
    total = next;
  }
  return roomy;
}

function measureAll({ records }: PublishedState): IndexRoom {
  let total = noRoom;
  for (const { routes } of records.values()) total = addRoom(total, measureRoom(routes));
  return total;
}

/** An older version must not let in clients that the newest one refuses. */
function toUnavailable({ secrets, ...record }: DocumentRecord): DocumentRecord {
  return {
    ...record,
    digest: hash('sha256', `no room for what follows ${record.digest}`),
    routes: record.routes.map((route) => ({
      ...{ ...route, isAvailable: false, isOpen: false },
      reason: 'the index has no room for its newest version',
    })),
  };
}

interface Refused {
  readonly name: string;
  readonly note: DocumentNote;
  readonly room: IndexRoom;
  readonly kept: DocumentRecord | undefined;
}

function toRefused({ name, note, room, kept }: Refused): InvalidDocument {
  const ids = kept?.routes.map(({ id }) => id) ?? [];
  return {
    ...{ parameter: name, version: note.version, fault: 'unfulfilled', inForce: null },
    issues: [toRoomIssue(room), ...(note.refused?.issues ?? [])],
    ...(ids.length > 0 ? { unavailableRoutes: ids } : {}),
  };
}
