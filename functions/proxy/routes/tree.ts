/** One reading of everything below the root: documents, and the secrets that they refer to. */
import { createHash } from 'node:crypto';
import type { ReferenceRules } from '../documents/reference-rules.ts';
import type { ReferenceSource } from '../documents/references.ts';
import { type OriginKeys, parseOriginKeys } from '../http/origin.ts';
import type { Clock } from '../http/time.ts';
import { toKind } from './kind.ts';
import { isRefused } from './named-reader.ts';
import { createOutsideSecrets } from './outside-secrets.ts';
import type { Parameter, ParameterReader, UnreadableParameter } from './parameters.ts';

/** All documents below the root, as one reading found them, and the values that they refer to. */
export interface Tree {
  /** Documents of all kinds, shared objects too, in order of their names. */
  readonly documents: readonly DocumentParameter[];
  /** The values of the references in a document with this text. */
  referencesOf(text: string): ReferenceSource;
  /** What requests must carry; undefined when nothing is asked of them. */
  readonly originKeys: OriginKeys | undefined;
  /** Digest of everything that was read. */
  readonly digest: string;
  /** Reads the absolute secrets that an older version refers to, where no newer one did. */
  addSecretsOf(text: string): Promise<void>;
}

/** A parameter with a document. It has no value if it cannot be decrypted. */
export type DocumentParameter = Parameter | (UnreadableParameter & { readonly value?: undefined });

/** What reading the tree needs. */
export interface TreeOptions {
  /** Without trailing slash. */
  readonly root: string;
  /** Absolute name of the parameter, or reference to a secret, with the values that requests must carry. */
  readonly originSecret?: string | undefined;
  readonly rules: ReferenceRules;
  readonly reader: ParameterReader;
  readonly readVariable: (name: string) => string | undefined;
  readonly now: Clock;
  /** Secrets outside of the root that documents refer to which are not part of this reading. @default none */
  readonly heldSecrets?: ReadonlySet<string> | undefined;
  /** Told of what a reading finds, also of one that fails afterwards. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
}

/** What a reading finds that is about no single document. */
export type Notice =
  /** One parameter that nothing reads. */
  | { readonly kind: 'stray-parameter'; readonly parameter: string }
  /** Secrets that cannot be decrypted, when they are others than the reading before found. */
  | { readonly kind: 'unreadable-secrets'; readonly names: readonly string[] }
  /** Secrets outside of the root could not be read now: documents keep their last values, or lack them. */
  | { readonly kind: 'secrets-unread'; readonly error: unknown };

/**
 * @returns a function that reads once. Its argument are the documents of the last table: older versions among them have
 * references of their own
 */
export function createTreeReader(
  options: TreeOptions,
): (textsInForce: readonly string[]) => Promise<Tree> {
  const { root, originSecret, rules, reader, readVariable, now, onNotice } = options;
  const beginSecrets = createOutsideSecrets({
    ...{ rules, reader, now, held: options.heldSecrets },
    onFailure: (error) => onNotice?.({ kind: 'secrets-unread', error }),
  });
  let warnedOf = '';
  return async (textsInForce) => {
    const unreadable: UnreadableParameter[] = [];
    const parameters = await reader.readTree(root, (parameter) => unreadable.push(parameter));
    parameters.sort(byName);
    const isDocument = ({ name }: UnreadableParameter) => toKind(name, root) !== undefined;
    const documents = parameters.filter(isDocument);
    const inside = new Map(parameters.map(({ name, value }) => [name, value]));
    const outside = await beginSecrets([...documents.map(({ value }) => value), ...textsInForce]);
    const origin = originSecret === undefined ? undefined : await readOrigin(originSecret);
    noteOthers(options, parameters);
    warnOfSecrets(unreadable);

    const digest = createHash('sha256').update(JSON.stringify([origin, unreadable]));
    for (const parameter of parameters) digest.update(JSON.stringify(parameter));
    for (const name of outside.names()) digest.update(JSON.stringify([name, outside.read(name)]));
    return {
      documents: [...documents, ...unreadable.filter(isDocument)].sort(byName),
      digest: digest.digest('hex'),
      referencesOf: (text) => ({
        rules,
        readSecret: (name) => inside.get(name) ?? outside.read(name),
        readVariable,
        get limit() {
          return outside.findLimit(text);
        },
      }),
      addSecretsOf: (text) => outside.add([text]),
      originKeys: originSecret === undefined ? undefined : parseOriginKeys(origin),
    };

    function warnOfSecrets(all: readonly UnreadableParameter[]): void {
      const secrets = all.filter(({ name }) => isSecret(name, root));
      const names = secrets.map(({ name }) => name);
      if (names.join() !== warnedOf && names.length > 0) {
        onNotice?.({ kind: 'unreadable-secrets', names });
      }
      warnedOf = names.join();
    }

    /** Read by a call of its own: every request needs it, so no other secret may make its call fail. */
    async function readOrigin(name: string): Promise<string | undefined> {
      if (inside.has(name)) return inside.get(name);
      try {
        return (await reader.readNamed([name])).get(name);
      } catch (error) {
        if (isRefused(error)) return undefined;
        throw error;
      }
    }
  };
}

/** Names one parameter that nothing reads. */
function noteOthers({ root, onNotice }: TreeOptions, parameters: readonly Parameter[]): void {
  const stray = parameters.find(
    ({ name }) => toKind(name, root) === undefined && !isSecret(name, root),
  );
  if (stray) onNotice?.({ kind: 'stray-parameter', parameter: stray.name });
}

function isSecret(name: string, root: string): boolean {
  return name.startsWith(`${root}/secrets/`);
}

function byName(a: UnreadableParameter, b: UnreadableParameter): number {
  return a.name < b.name ? -1 : 1;
}
