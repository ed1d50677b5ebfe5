/** `Authorization: Signature keyId="…",algorithm="…",headers="…",signature="…"` → its fields. */
import { maxCredentialCharacters } from '../identify.ts';

/** The fields of an `Authorization: Signature …` header, parsed. */
export interface SignatureFields {
  readonly keyId: string;
  readonly algorithm: string;
  /** What is signed, in lower case and in order. */
  readonly headers: readonly string[];
  /** The same as the client has written them, and signed. */
  readonly written: readonly string[];
  /** Base64. */
  readonly signature: string;
}

const scheme = /^Signature +/;

/** @returns undefined for anything else: another scheme, a field that is missing, or given twice */
export function parseSignature(authorization: string): SignatureFields | undefined {
  const start = scheme.exec(authorization)?.[0].length;
  if (start === undefined || authorization.length > maxCredentialCharacters) return undefined;
  const fields = readFields(authorization, start);
  const keyId = fields?.get('keyId');
  const algorithm = fields?.get('algorithm');
  const signature = fields?.get('signature');
  const written = fields?.get('headers')?.split(' ') ?? [];
  const headers = written.map((name) => name.toLowerCase());
  if (!keyId || !algorithm || !signature || new Set(headers).size < headers.length)
    return undefined;
  return { keyId, algorithm, headers, written, signature };
}

function readFields(text: string, start: number): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  // `created` and `expires` of the draft are numbers.
  const field = /\s*(\w+)=(?:"([^"]*)"|\d+)\s*(?:,|$)/y;
  field.lastIndex = start;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) return undefined;
    const [, name = '', value = ''] = match;
    if (fields.has(name)) return undefined;
    fields.set(name, value);
  }
  return fields;
}
