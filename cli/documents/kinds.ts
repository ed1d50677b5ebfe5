/** The two kinds of documents, with the same subcommands. */
export type KindName = 'routes' | 'consumers';

/** What distinguishes the commands for routes from those for consumers. */
export interface Kind {
  /** Name of the command, and of the folder below the root path. */
  readonly name: KindName;
  readonly singular: 'route' | 'consumer';
  /** How a new parameter is stored; consumers hold credentials. */
  readonly type: 'String' | 'SecureString';
  /** The name of an id in `--help`. */
  readonly idName: string;
  /** An example of an id, for `--help`. */
  readonly exampleId: string;
}

/** Routes and consumers, by the name of their command. */
export const kinds: Readonly<Record<KindName, Kind>> = {
  routes: {
    name: 'routes',
    singular: 'route',
    type: 'String',
    idName: 'id',
    exampleId: 'orders',
  },
  consumers: {
    name: 'consumers',
    singular: 'consumer',
    type: 'SecureString',
    idName: 'username',
    exampleId: 'acme',
  },
};
