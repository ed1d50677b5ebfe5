/** The index of all paths has room for so many, whoever writes them: documents that came first keep theirs. */
import { maxRoom, measureRoom } from '../../functions/proxy/routes/index-room.ts';
import type { DocumentRecord } from '../../functions/proxy/routes/snapshot/format.ts';
import { admitRecords, findRoomy } from '../../functions/publisher/admit-records.ts';
import type { Evaluation } from '../../functions/publisher/evaluate.ts';
import { emptyState, type PublishedState } from '../../functions/publisher/state.ts';
import { documentOf } from '../support/documents.ts';
import { wholeTest } from '../support/sample.ts';
import { createTableRig, invalidLines, root, routeIdFor } from '../support/table-rig.ts';

/** As many segments as one document may have. */
const perDocument = 4000;
const fits = maxRoom.segments / perDocument;
const pathsOf = (id: string, count = perDocument / 200) =>
  Array.from({ length: count }, (_, index) => `/${id}-${index}${'/a'.repeat(199)}`);

function toRecord(name: string, uris: readonly string[], version = 1): DocumentRecord {
  const place = { id: name, uris, hosts: [''], priority: 0, secretParameters: [] };
  return {
    ...{ parameter: name, version, digest: `${name} ${version}`, text: '', secrets: { '/s': 'v' } },
    routes: [{ ...place, isOpen: true, isAvailable: true }],
  };
}

function toEvaluation(records: readonly DocumentRecord[]): Evaluation {
  return {
    records: new Map(records.map((record) => [record.parameter, record])),
    notes: new Map(records.map(({ parameter, version }) => [parameter, { version, secrets: [] }])),
    accepted: [],
  };
}

/** What is published after these documents were written. */
function write(state: PublishedState, ...records: readonly DocumentRecord[]): PublishedState {
  const admitted = admitRecords(toEvaluation(records), state);
  const next = new Map(state.records);
  for (const [name, record] of admitted.records) {
    if (record) next.set(name, record);
    else next.delete(name);
  }
  return { ...state, records: next, notes: new Map([...state.notes, ...admitted.notes]) };
}

const names = Array.from({ length: fits }, (_, index) => `m${index}`);
const full = write(emptyState, ...names.map((name) => toRecord(name, pathsOf(name))));

test('the room that a document takes counts each path once for each host', () => {
  expect(measureRoom([{ hosts: ['a', 'b'], uris: ['/x/y', { text: '/z' }] }])).toEqual({
    ...{ pairs: 4, segments: 6 },
  });
});

describe('in what is published', () => {
  test('a document that there is no room for has no routes, and no earlier one is displaced', () => {
    expect(full.records.size).toBe(fits);
    const later = write(full, toRecord('a', pathsOf('a')));
    expect([...later.records.keys()]).toEqual(names);
    expect(later.notes.get('a')?.refused).toMatchObject({
      ...{ parameter: 'a', version: 1, fault: 'unfulfilled', inForce: null },
      issues: [
        { pointer: '', found: expect.stringContaining('4000 segments'), isUnfulfilled: true },
      ],
    });
    expect(later.notes.get('a')?.refused?.issues[0]?.expected).toContain(`${maxRoom.segments}`);
    expect(findRoomy(later)).toEqual(new Set());
    // Judged anew in the order of names, the first ones stay as well.
    const again = write(later, ...['a', ...names].map((name) => toRecord(name, pathsOf(name))));
    expect([...again.records.keys()]).toEqual(names);
  });

  test('it is back when there is room', () => {
    const later = write(full, toRecord('a', pathsOf('a')), toRecord('b', pathsOf('b')));
    const shorter = write(later, toRecord('m7', ['/m7'], 2), toRecord('m8', pathsOf('m8', 19), 2));
    expect(findRoomy(shorter)).toEqual(new Set(['a']));
    const back = write(shorter, toRecord('a', pathsOf('a')));
    expect(back.records.get('a')?.routes[0]?.isAvailable).toBe(true);
    expect(back.notes.get('a')).toEqual({ version: 1, secrets: [] });
  });

  test('the paths that a document had before it grew answer 503', () => {
    const short = write(full, toRecord('m7', pathsOf('m7', 1), 2), toRecord('a', pathsOf('a', 18)));
    const grown = write(short, toRecord('m7', pathsOf('m7'), 3));
    const record = grown.records.get('m7');
    expect(record).toMatchObject({ version: 2, routes: [{ isAvailable: false, isOpen: false }] });
    expect(record?.secrets).toBeUndefined();
    expect(grown.notes.get('m7')?.refused?.unavailableRoutes).toEqual(['m7']);
    expect(write(grown, toRecord('m7', pathsOf('m7'), 3)).records.get('m7')).toBe(record);
  });

  test('many pairs of host and path count as well as long paths', () => {
    const hosts = Array.from({ length: maxRoom.pairs }, (_, index) => `h${index}`);
    const many = toRecord('hosts', ['/']);
    const wide = { ...many, routes: many.routes.map((route) => ({ ...route, hosts })) };
    const state = write(emptyState, wide, toRecord('one', ['/one']));
    expect([...state.records.keys()]).toEqual(['hosts']);
  });
});

wholeTest(
  'in direct mode the first documents by name have the room, until there is more',
  async () => {
    const { store, load, log } = createTableRig();
    const put = (id: string, uris: readonly string[]) =>
      store.put(`${root}/routes/${id}`, documentOf({ uri: undefined, uris }));
    const ids = Array.from({ length: fits + 1 }, (_, index) => `r${100 + index}`);
    for (const id of ids) put(id, pathsOf(id));
    const last = ids.at(-1) ?? '';
    put('z', ['/z']);

    const first = await load(undefined);
    expect(first.summary.routes).toBe(fits);
    expect(routeIdFor(first, pathsOf(last)[0] ?? '')).toBe('NO_ROUTE');
    expect(first.invalidDocuments).toBe(2);
    expect(invalidLines(log)[0]?.fields).toMatchObject({
      ...{ parameter: `${root}/routes/${last}`, fault: 'unfulfilled', inForce: null },
    });
    expect(invalidLines(log)[0]?.message).toContain('nothing of it is in force');

    put('r100', ['/r100']);
    put('r101', ['/r101']);
    const second = await load(first);
    expect(second.invalidDocuments).toBe(0);
    expect(routeIdFor(second, pathsOf(last)[0] ?? '')).toBe(last);
    expect(routeIdFor(second, '/z')).toBe('z');
  },
);
