/** What a parameter holds, by its name. */

/** A route, a consumer, or one more credential of a consumer. Of the first two a document may be an array. */
export type DocumentKind = 'route' | 'consumer' | 'credential';

/** @returns undefined for anything but a document */
export function toKind(name: string, root: string): DocumentKind | undefined {
  if (name.startsWith(`${root}/routes/`)) return 'route';
  if (!name.startsWith(`${root}/consumers/`)) return undefined;
  const parts = name.slice(`${root}/consumers/`.length).split('/');
  return parts.length > 2 && parts.at(-2) === 'credentials' ? 'credential' : 'consumer';
}

/** `<root>/consumers/<username>/credentials/<id>`: the name alone says whose credential it is. */
export function readOwner(parameter: string): { readonly username: string; readonly id: string } {
  const [username = '', , id = ''] = parameter.split('/').slice(-3);
  return { username, id };
}
