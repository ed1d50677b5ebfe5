/** The kinds of documents, which have the same subcommands. */
import type { sharedFolders } from '../../functions/proxy/routes/kind.ts';

/** The folder of a kind's documents. */
export type KindName = 'routes' | 'consumers' | keyof typeof sharedFolders;

/** What distinguishes the commands for one kind of documents from those for another. */
export interface Kind {
  /** Name of the folder below the root path, and of a folder of files. */
  readonly name: KindName;
  /** Name of the command. */
  readonly command: string;
  /** The word for one object, in sentences. */
  readonly singular: string;
  /** The word for several objects, in sentences. */
  readonly plural: string;
  /** How a new parameter is stored; consumers hold credentials. */
  readonly type: 'String' | 'SecureString';
  /** The name of an id in `--help`. */
  readonly idName: string;
  /** An example of an id, for `--help`. */
  readonly exampleId: string;
}

/** All kinds, by the name of their folder. */
export const kinds: Readonly<Record<KindName, Kind>> = {
  routes: toKind('routes', 'orders'),
  consumers: { ...toKind('consumers', 'acme'), type: 'SecureString', idName: 'username' },
  services: toKind('services', 'shop'),
  plugin_configs: toKind('plugin_configs', 'strict'),
  consumer_groups: toKind('consumer_groups', 'gold'),
  upstreams: toKind('upstreams', 'nodes'),
  global_rules: toKind('global_rules', 'limits'),
};

/** The kinds in an order in which each document is written after those that it names. */
export const kindsInOrder: readonly Kind[] = [
  ...[kinds.upstreams, kinds.services, kinds.plugin_configs, kinds.consumer_groups],
  ...[kinds.global_rules, kinds.consumers, kinds.routes],
];

/** Kinds whose documents name each other, or decide about each other. */
const families: readonly (readonly Kind[])[] = [
  [kinds.upstreams, kinds.services, kinds.plugin_configs, kinds.global_rules, kinds.routes],
  [kinds.consumer_groups, kinds.consumers],
];

/** @returns the kinds whose documents decide about those of the given kinds, these among them, in the order of writing */
export function findRelated(names: ReadonlySet<KindName>): readonly Kind[] {
  const related = families.filter((family) => family.some(({ name }) => names.has(name))).flat();
  return kindsInOrder.filter((kind) => related.includes(kind));
}

function toKind(name: KindName, exampleId: string): Kind {
  const plural = name.replaceAll('_', ' ');
  return {
    ...{ name, plural, singular: plural.slice(0, -1), command: name.replaceAll('_', '-') },
    ...{ type: 'String', idName: 'id', exampleId },
  };
}
