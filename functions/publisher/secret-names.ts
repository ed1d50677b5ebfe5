/** Which secrets are read for documents: so many and no more, so that one document cannot use up the calls of all. */
import { type Admission, createAdmission } from '../proxy/routes/outside-secrets.ts';
import type { PublishedState } from './state.ts';

/**
 * @param lists absolute names that each document refers to
 * @returns all below the root; of those outside of it the ones that are admitted
 */
export function admitSecrets(
  lists: readonly (readonly string[])[],
  root: string,
  admission: Admission,
): string[] {
  const isInside = (name: string) => name.startsWith(`${root}/`);
  return [
    ...new Set(
      lists.flatMap((list) => [
        ...list.filter(isInside),
        ...admission.admit(list.filter((name) => !isInside(name))),
      ]),
    ),
  ];
}

/** @returns those of the secrets that are named */
export function selectNamed(
  secrets: ReadonlyMap<string, string>,
  names: readonly string[],
): Map<string, string> {
  const wanted = new Set(names);
  return new Map([...secrets].filter(([name]) => wanted.has(name)));
}

/**
 * The secrets that are read again every minute. Documents that came first have them; one that was over the limit has them as
 * soon as there is room.
 */
export function listPolledSecrets({ notes, records }: PublishedState, root: string): string[] {
  const all = [...notes].sort(([a], [b]) => (a < b ? -1 : 1));
  const [first, later] = [false, true].map((isOver) =>
    all.filter(([, note]) => (note.isOverLimit ?? false) === isOver),
  );
  const published = all.map(([name]) => Object.keys(records.get(name)?.secrets ?? {}));
  const lists = [
    ...published,
    ...[...(first ?? []), ...(later ?? [])].map(([, { secrets }]) => secrets),
  ];
  return admitSecrets(lists, root, createAdmission());
}

/** @returns secrets outside of the root that other documents than these have admitted */
export function findHeldSecrets(
  { notes, records }: PublishedState,
  root: string,
  names: ReadonlySet<string>,
): ReadonlySet<string> {
  const held = new Set<string>();
  for (const [name, { secrets, isOverLimit }] of notes) {
    if (names.has(name)) continue;
    const own = Object.keys(records.get(name)?.secrets ?? {});
    for (const secret of isOverLimit ? own : [...secrets, ...own]) {
      if (!secret.startsWith(`${root}/`)) held.add(secret);
    }
  }
  return held;
}
