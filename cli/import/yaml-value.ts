/** The value of a YAML document of another program. */
import type { Document } from 'yaml';

/** Programs that were written for YAML 1.1 merge maps by the key `<<`. Without it, a map would lose what it inherits. */
export const mergingOptions = { merge: true } as const;

/**
 * Makes the value of a document, in which no two parts are one object.
 *
 * @throws Error for aliases without an anchor or too many of them, and for an anchor inside itself, which has no end
 */
export function toYamlValue(document: Pick<Document.Parsed, 'toJS'>): unknown {
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
