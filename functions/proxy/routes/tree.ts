/** One reading of everything below the root: documents, and the secrets that they refer to. */
import { createHash } from 'node:crypto';
import type { Logger } from '../log.ts';
import { type OriginKeys, parseOriginKeys } from '../origin.ts';
import type { Parameter, ParameterReader } from './parameters.ts';
import type { ReferenceRules } from './reference-rules.ts';
import { findOutsideSecrets, type ReferenceSource } from './references.ts';

export interface Tree {
  /** Routes and consumers, in order of their names. */
  readonly documents: readonly Parameter[];
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
  readonly rules: ReferenceRules;
  readonly reader: ParameterReader;
  readonly readVariable: (name: string) => string | undefined;
  readonly log: Logger;
}

/** @param textsInForce documents of the last table: older versions among them have references of their own */
export async function readTree(
  { root, originSecret, rules, reader, readVariable, log }: TreeOptions,
  textsInForce: readonly string[],
): Promise<Tree> {
  const parameters = (await reader.readTree(root)).sort(byName);
  const documents = parameters.filter(({ name }) => toKind(name, root) !== undefined);
  const secrets = new Map(parameters.map(({ name, value }) => [name, value]));
  const asked = new Set<string>();
  const addSecrets = async (named: readonly string[]) => {
    const names = new Set(named.filter((name) => !asked.has(name) && !secrets.has(name)));
    for (const name of names) asked.add(name);
    for (const [name, value] of await reader.readNamed([...names])) secrets.set(name, value);
  };
  const texts = [...documents.map(({ value }) => value), ...textsInForce];
  const ownSecrets = originSecret === undefined ? [] : [originSecret];
  await addSecrets([...ownSecrets, ...texts.flatMap((text) => findOutsideSecrets(text, rules))]);

  const digest = createHash('sha256');
  for (const parameter of parameters) digest.update(JSON.stringify(parameter));
  for (const name of [...asked].sort()) digest.update(JSON.stringify([name, secrets.get(name)]));
  const stray = parameters.find(
    ({ name }) => toKind(name, root) === undefined && !name.startsWith(`${root}/secrets/`),
  );
  if (stray) {
    log.debug('a parameter is none of routes/, consumers/ and secrets/', { parameter: stray.name });
  }
  return {
    documents,
    digest: digest.digest('hex'),
    references: {
      rules,
      readSecret: (name) => secrets.get(name),
      readVariable,
    },
    addSecretsOf: (text) => addSecrets(findOutsideSecrets(text, rules)),
    originKeys: originSecret === undefined ? undefined : parseOriginKeys(secrets.get(originSecret)),
  };
}

/** @returns what a parameter's value is by its name, undefined for anything but a document */
export function toKind(name: string, root: string): 'route' | 'consumer' | undefined {
  if (name.startsWith(`${root}/routes/`)) return 'route';
  return name.startsWith(`${root}/consumers/`) ? 'consumer' : undefined;
}

function byName(a: Parameter, b: Parameter): number {
  return a.name < b.name ? -1 : 1;
}
