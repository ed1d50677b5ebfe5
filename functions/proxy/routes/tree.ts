/** One reading of everything below the root: route documents, and the secrets that they refer to. */
import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import { type OriginKeys, parseOriginKeys } from '../origin.ts';
import type { Parameter, ParameterReader } from './parameters.ts';
import { findAbsoluteSecrets, type ReferenceSource } from './references.ts';

export interface Tree {
  /** In order of their names. */
  readonly routes: readonly Parameter[];
  readonly references: ReferenceSource;
  /** What requests must carry; undefined when nothing is asked of them. */
  readonly originKeys: OriginKeys | undefined;
  /** Digest of everything that was read. */
  readonly digest: string;
  /** Reads the absolute secrets that an older version refers to, where no newer one did. */
  addSecretsOf(text: string): Promise<void>;
}

export interface TreeOptions {
  /** Without trailing slash. */
  readonly root: string;
  /** Absolute name of the parameter, or reference to a secret, with the values that requests must carry. */
  readonly originSecret?: string | undefined;
  readonly reader: ParameterReader;
  readonly readVariable: (name: string) => string | undefined;
  readonly log: Logger;
}

/** @param textsInForce documents of the last table: older versions among them have references of their own */
export async function readTree(
  { root, originSecret, reader, readVariable, log }: TreeOptions,
  textsInForce: readonly string[],
): Promise<Tree> {
  const parameters = (await reader.readTree(root)).sort(byName);
  const routes = parameters.filter(({ name }) => name.startsWith(`${root}/routes/`));
  const secrets = new Map(parameters.map(({ name, value }) => [name, value]));
  const asked = new Set<string>();
  const addSecrets = async (named: readonly string[]) => {
    const names = new Set(named.filter((name) => !asked.has(name) && !secrets.has(name)));
    for (const name of names) asked.add(name);
    for (const [name, value] of await reader.readNamed([...names])) secrets.set(name, value);
  };
  const texts = [...routes.map(({ value }) => value), ...textsInForce];
  const ownSecrets = originSecret === undefined ? [] : [originSecret];
  await addSecrets([...ownSecrets, ...texts.flatMap(findAbsoluteSecrets)]);

  const digest = createHash('sha256');
  for (const parameter of parameters) digest.update(JSON.stringify(parameter));
  for (const name of [...asked].sort()) digest.update(JSON.stringify([name, secrets.get(name)]));
  const stray = parameters.find(({ name }) => !isDocument(name.slice(root.length)));
  if (stray) {
    log.debug('a parameter is none of routes/, consumers/ and secrets/', { parameter: stray.name });
  }
  return {
    routes,
    digest: digest.digest('hex'),
    references: {
      readSecret: (name) => secrets.get(name.startsWith('/') ? name : `${root}/secrets/${name}`),
      readVariable,
    },
    addSecretsOf: (text) => addSecrets(findAbsoluteSecrets(text)),
    originKeys: originSecret === undefined ? undefined : parseOriginKeys(secrets.get(originSecret)),
  };
}

function isDocument(path: string): boolean {
  return /^\/(routes|secrets|consumers)\/./.test(path);
}

function byName(a: Parameter, b: Parameter): number {
  return a.name < b.name ? -1 : 1;
}
