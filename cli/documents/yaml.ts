/** Documents in YAML: converted to JSON, with the places of their values in the YAML text. */
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  visit,
} from 'yaml';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';
import type { Place } from '../check/place.ts';
import { standardBytes } from '../store/write.ts';

/** A text that was converted to JSON. */
export interface Origin {
  /** Finds the place of a value in the text as it was written. */
  locate(pointer: string): Place;
  /** Why the text could not be converted. */
  readonly fault?: { readonly found: string; readonly place: Place } | undefined;
}

/** The JSON of a YAML text; '' if there is a fault. */
export interface ConvertedYaml {
  readonly text: string;
  readonly origin: Origin;
}

/** Whether a file's name says that it contains YAML. */
export function isYamlName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}

/** Converts a YAML text with one document (YAML 1.2, core schema) to JSON. It never throws: a fault is in the origin. */
export function convertYaml(yaml: string): ConvertedYaml {
  const lines = new LineCounter();
  const toPlace = (offset: number): Place => {
    const { line, col: column } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, column) };
  };
  const toFault = (found: string, offset: number): ConvertedYaml => {
    const place = toPlace(offset);
    return { text: '', origin: { locate: () => place, fault: { found, place } } };
  };
  try {
    const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: true } as const;
    const [document, second] = [...parseAllDocuments(yaml, options)];
    if (document === undefined) return toFault('no document', 0);
    if (second) return toFault('a second document', second.range[0]);
    const [error] = [...document.errors, ...document.warnings];
    // The parser's messages quote the text, which may be a secret.
    if (error) return toFault(`a YAML error (${error.code})`, error.pos[0]);
    const fault = findKeyFault(document);
    if (fault) return toFault(fault.found, fault.offset);
    const value: unknown = document.toJS();
    const text = toText(value);
    if (text === undefined) return toFault('a number that JSON does not have', 0);
    const locate = (pointer: string) => toPlace(findOffset(document.contents, pointer));
    return { text, origin: { locate } };
  } catch {
    return toFault(
      'aliases without an anchor, too many of them, or a text that is nested too deep',
      0,
    );
  }
}

interface KeyFault {
  readonly found: string;
  readonly offset: number;
}

/**
 * Finds what the parser lets pass, so that one of two values with the same name would be lost: it compares keys as they are
 * written, and an alias or a number may become the same text. YAML 1.1 merges maps by the key `<<`.
 */
function findKeyFault(document: Document.Parsed): KeyFault | undefined {
  if (document.schema.name === 'yaml-1.1') return { found: 'YAML 1.1', offset: 0 };
  let fault: KeyFault | undefined;
  visit(document, {
    Map(_, { items }) {
      fault = findFaultOf(items.map(({ key }) => key));
      return fault ? visit.BREAK : undefined;
    },
  });
  return fault;
}

function findFaultOf(keys: readonly unknown[]): KeyFault | undefined {
  const names = new Set<string>();
  for (const key of keys) {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    if (!isScalar(key)) return { found: 'a key that is no text', offset };
    const name = String(key.value);
    if (names.has(name)) return { found: 'a key twice', offset };
    names.add(name);
  }
  return undefined;
}

/** @returns indented JSON, or JSON without blanks if it would not fit a standard parameter; undefined for ±.inf, .nan */
function toText(value: unknown): string | undefined {
  let isWhole = true;
  const check = (_: string, item: unknown) => {
    if (typeof item === 'number' && !Number.isFinite(item)) isWhole = false;
    return item;
  };
  const indented = JSON.stringify(value, check, 2) ?? 'null';
  if (!isWhole) return undefined;
  return Buffer.byteLength(indented) > standardBytes ? JSON.stringify(value) : indented;
}

/** @returns the offset of the member's name or the item, or of the closest enclosing value */
function findOffset(root: ParsedNode | null, pointer: string): number {
  let [node, offset] = [root, root?.range[0] ?? 0];
  for (const key of toKeys(pointer)) {
    const step = findStep(node, key);
    if (!step) break;
    [node, offset] = [step.node, step.offset];
  }
  return offset;
}

function findStep(node: ParsedNode | null, key: string) {
  if (isMap(node)) {
    const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
    return pair && { node: pair.value, offset: pair.key.range[0] };
  }
  const item = isSeq(node) ? node.items[Number(key)] : undefined;
  return item && { node: item, offset: item.range[0] };
}
