/** What a parameter holds, by its name. */

/** A route, a consumer, or one more credential of a consumer. Of the first two a document may be an array. */
export type DocumentKind = 'route' | 'consumer' | 'credential';

/**
 * The `*` of an IAM policy matches `/` as well, so a grant for `<root>/consumers/ann/credentials/*` covers all names that
 * begin so. Below that prefix only `<root>/consumers/ann/credentials/<id>` is a document.
 * @returns undefined for anything but a document
 */
export function toKind(name: string, root: string): DocumentKind | undefined {
  if (name.startsWith(`${root}/routes/`)) return 'route';
  if (!name.startsWith(`${root}/consumers/`)) return undefined;
  const parts = name.slice(`${root}/consumers/`.length).split('/');
  const [username, folder, id] = parts;
  if (parts.length === 1 || !parts.includes('credentials')) return 'consumer';
  return parts.length === 3 && username && folder === 'credentials' && id
    ? 'credential'
    : undefined;
}

/** @throws Error for anything but a document: its text must not be compiled as one */
export function parseKind(name: string, root: string): DocumentKind {
  const kind = toKind(name, root);
  if (!kind) throw new Error(`${name} is not the name of a document`);
  return kind;
}

/** `<root>/consumers/<username>/credentials/<id>`: the name alone says whose credential it is. */
export function readOwner(parameter: string): { readonly username: string; readonly id: string } {
  const [username = '', folder, id = ''] = parameter.split('/').slice(-3);
  if (folder !== 'credentials') throw new Error(`${parameter} is not the name of a credential`);
  return { username, id };
}
