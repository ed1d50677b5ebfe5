/** The two kinds of documents, which the same verbs act on. */
export type KindName = 'routes' | 'consumers';

export interface Kind {
  /** Name of the command, and of the folder below the root path. */
  readonly name: KindName;
  readonly singular: string;
  /** How the parameter is stored; consumers hold credentials. */
  readonly type: 'String' | 'SecureString';
  /** What an id is called in `--help`. */
  readonly idName: string;
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  routes: { name: 'routes', singular: 'route', type: 'String', idName: 'id' },
  consumers: {
    name: 'consumers',
    singular: 'consumer',
    type: 'SecureString',
    idName: 'username',
  },
};
