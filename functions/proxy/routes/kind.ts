/** What a parameter holds, by its name. */

/** Folders of the documents whose objects routes, consumers or all requests share, and what each holds. */
export const sharedFolders = {
  services: 'service',
  plugin_configs: 'plugin_config',
  consumer_groups: 'consumer_group',
  upstreams: 'upstream',
  global_rules: 'global_rule',
} as const;

/** What a document of a shared folder holds. */
export type SharedKind = (typeof sharedFolders)[keyof typeof sharedFolders];

/** A route, a consumer, one more credential of a consumer, or a shared object. Of all but credentials a document may be an array. */
export type DocumentKind = 'route' | 'consumer' | 'credential' | SharedKind;

/**
 * The `*` of an IAM policy matches `/` as well, so a grant for `<root>/consumers/ann/credentials/*` covers all names that
 * begin so. Below that prefix only `<root>/consumers/ann/credentials/<id>` is a document.
 * @returns undefined for anything but a document
 */
export function toKind(name: string, root: string): DocumentKind | undefined {
  if (name.startsWith(`${root}/routes/`)) return 'route';
  if (!name.startsWith(`${root}/consumers/`)) return toSharedKind(name, root);
  const parts = name.slice(`${root}/consumers/`.length).split('/');
  const [username, folder, id] = parts;
  if (parts.length === 1 || !parts.includes('credentials')) return 'consumer';
  return parts.length === 3 && username && folder === 'credentials' && id
    ? 'credential'
    : undefined;
}

function toSharedKind(name: string, root: string): SharedKind | undefined {
  if (!name.startsWith(`${root}/`)) return undefined;
  const [folder = '', ...rest] = name.slice(root.length + 1).split('/');
  if (rest.length === 0 || !Object.hasOwn(sharedFolders, folder)) return undefined;
  return sharedFolders[folder as keyof typeof sharedFolders];
}

/** Whether documents of the kind hold objects that others name. */
export function isSharedKind(kind: DocumentKind | undefined): kind is SharedKind {
  return kind !== undefined && (Object.values(sharedFolders) as string[]).includes(kind);
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
