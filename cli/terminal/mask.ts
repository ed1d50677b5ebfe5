/** Masks secret values of a document, for screens and logs. */
import { pointerTo } from '../../functions/proxy/documents/document-error.ts';

/** Text that replaces a secret; no document may contain it. */
export const mask = '***masked***';

/**
 * Names of secret fields: the proxy's list for messages, without names of ids and settings (`key` of a limit,
 * `forward_as`).
 */
const secretName =
  /secret|password|passwd|token$|api[-_]?key|access[-_]?key|private[-_]?key|credential|signature|^auth$|authorization$|^cookie$/i;
/**
 * Beside one of these fields, `key` is what a limit or a cache counts by, or a header's name. Without them it is a key
 * (csrf).
 */
const harmlessBeside = ['count', 'rate', 'conn', 'ttl', 'value'];
/** Names of secret fields in a consumer document, whose plugins hold credentials. */
const consumerSecretName = /secret|password|passwd|token|key|credential/i;
const reference = /^\$(secret|env):\/\//i;

/** How secret values are recognised. */
export interface MaskOptions {
  /** Consumers hold credentials under harmless names, such as `key`. */
  readonly isConsumer: boolean;
}

/** Copies a document and masks its secrets. A reference is not a secret, and stays. */
export function maskSecrets(document: unknown, { isConsumer }: MaskOptions): unknown {
  return mapSecrets(document, { isConsumer, pointer: '', replace: () => mask });
}

/** What takes the place of secrets. */
export interface MapOptions extends MaskOptions {
  /** Of the value in its document. */
  readonly pointer: string;
  readonly replace: (secret: string, pointer: string) => string;
}

/** Copies a value and replaces its secrets. A reference is not a secret, and stays. */
export function mapSecrets(document: unknown, options: MapOptions): unknown {
  const { isConsumer, replace } = options;
  const pattern = isConsumer ? consumerSecretName : secretName;
  const walk = (value: unknown, at: string, isSecret: boolean): unknown => {
    if (typeof value === 'string')
      return isSecret && !reference.test(value) ? replace(value, at) : value;
    if (Array.isArray(value)) {
      return value.map((item, index) => walk(item, pointerTo(at, index), isSecret));
    }
    if (typeof value !== 'object' || value === null) return value;
    const isKeySecret = !harmlessBeside.some((name) => Object.hasOwn(value, name));
    const isHidden = (name: string) => pattern.test(name) || (name === 'key' && isKeySecret);
    const entries = Object.entries(value);
    return Object.fromEntries(
      entries.map(([name, item]) => [name, walk(item, pointerTo(at, name), isHidden(name))]),
    );
  };
  return walk(document, options.pointer, false);
}

/** Finds the pointer of the first masked value; undefined if there is none. */
export function findMasked(value: unknown, pointer = ''): string | undefined {
  if (typeof value === 'string') return value === mask ? pointer : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = findMasked(item, pointerTo(pointer, key));
    if (found !== undefined) return found;
  }
  return undefined;
}
