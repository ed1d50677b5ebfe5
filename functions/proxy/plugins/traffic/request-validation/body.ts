/** Bodies as a schema sees them. Readers that disagree about a body would not read what was validated, so such bodies are refused. */
import { isTooDeep } from '../../../documents/depth.ts';
import { ProxyError } from '../../../http/errors.ts';
import { isForm, isPlainUtf8 } from '../../../http/form.ts';
import type { ProxyRequest } from '../../../http/message.ts';
import { toWireForm } from '../../../http/path.ts';
import { isDisputedParameter } from '../../../http/values.ts';

const maxFields = 10_000;
const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** @throws ProxyError `MALFORMED_REQUEST` for a body that is neither JSON nor a form, or that readers read in several ways */
export function readValue(request: ProxyRequest): unknown {
  if (isForm(request)) return readForm(request.body);
  const type = request.headers['content-type'] ?? '';
  if (/form-urlencoded/i.test(type)) throw toMalformed('a form that readers read differently');
  if (!isPlainUtf8(request.headers))
    throw toMalformed('a body that readers decode before they look at it');
  // Rack takes it for a form, with fields that are inside of a text of the JSON.
  if (type.trim() === '' && request.body.includes('&')) {
    throw toMalformed('a body without a Content-Type, which some readers take for a form');
  }
  return readJson(request.body);
}

function readJson(body: Buffer): unknown {
  const text = decodeUtf8(body);
  if (isTooDeep(text)) throw toMalformed('the body is nested too deeply');
  const value = parse(text);
  // A second member of one name replaces the first for some readers, and not for others (RFC 8259 §4).
  if (countMembers(body) !== countKeys(value))
    throw toMalformed('a name occurs twice in an object');
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw toMalformed('the body is not JSON', cause);
  }
}

/** A byte order mark is no JSON (RFC 8259 §8.1), and stays for the parser to refuse. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw toMalformed('the body is not UTF-8', cause);
  }
}

/** @param body JSON, in which each member of an object has one colon outside of strings */
function countMembers(body: Buffer): number {
  let count = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === colon) count += 1;
    if (byte !== quote) continue;
    at += 1;
    while (body[at] !== quote) at += body[at] === backslash ? 2 : 1;
  }
  return count;
}

/** The depth is limited. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + countKeys(item), 0);
  let count = 0;
  for (const item of Object.values(value)) count += 1 + countKeys(item);
  return count;
}

/** Fields by name: a text, or a list where a name occurs several times. A name without `=` is true, as in APISIX. */
function readForm(body: Buffer): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = Object.create(null);
  const parts = toWireForm(body).split('&', maxFields + 1);
  if (parts.length > maxFields) throw toMalformed(`a form of more than ${maxFields} fields`);
  for (const part of parts) {
    if (part === '') continue;
    const [name, value] = readField(part);
    const known = fields[name];
    if (known === undefined) fields[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else fields[name] = [known, value];
  }
  return fields;
}

function readField(part: string): readonly [name: string, value: string | true] {
  const equals = part.indexOf('=');
  if (equals === -1) return [decodeField(part), true];
  return [decodeField(part.slice(0, equals)), decodeField(part.slice(equals + 1))];
}

function decodeField(raw: string): string {
  if (isDisputedParameter(raw)) throw toMalformed('a field of the form is read in several ways');
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    throw toMalformed('a field of the form is not UTF-8', cause);
  }
}

function toMalformed(reason: string, cause?: unknown): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', reason, { cause });
}
