/** Headers of a request that documents set, add and remove, with variables in their values. */
import * as v from 'valibot';
import type { Exchange } from '../chain/exchange.ts';
import { type OwnHeaders, putHeader, withOwnHeaders } from '../chain/with-header.ts';
import { headerName, listOf } from '../documents/attributes.ts';
import { documentError, pointerTo } from '../documents/document-error.ts';
import { recordOf, strictObject } from '../documents/schema.ts';
import { isDropped, isOpenTo, isSetByFront, isSetByPlugins } from '../http/header-names.ts';
import { toDashed } from '../http/headers.ts';
import { hasActions, headerText } from './response-headers.ts';
import { compileHeaderText, splitText } from './text-template.ts';
import type { Groups } from './uri-template.ts';
import type { VariableSubject } from './variables.ts';

/** APISIX's two forms: actions, or headers that are set. */
export const requestHeaderActions = v.union(
  [
    strictObject({
      add: v.optional(recordOf(headerText)),
      set: v.optional(recordOf(headerText)),
      remove: v.optional(listOf(headerName)),
    }),
    recordOf(headerText),
  ],
  'an object with add, set and remove, or headers to be set',
);

/** What a document does with headers. */
export type RequestHeaderActions = v.InferOutput<typeof requestHeaderActions>;

interface Actions {
  readonly add: readonly Named[];
  readonly set: readonly Named[];
  readonly remove: readonly { readonly name: string; readonly at: string }[];
}

/** A header of the document. */
interface Named {
  /** As it is written. */
  readonly name: string;
  readonly text: string;
  /** Pointer of the text. */
  readonly at: string;
}

/** Variables that no client writes. */
const trusted = new Set(['consumer_name', 'route_id', 'remote_addr', 'scheme', 'request_method']);
const forbiddenWords =
  'a header that a client may send: not one of a connection, Host (the attribute host), Content-Length, Via, Accept-Encoding, X-Forwarded-For, -Host and -Proto, X-Amz-*, X-Amzn-* or X-Consumer-*, which the proxy alone sets';
const trustedWords = `a text, or the variables ${[...trusted].join(', ')}: applications believe this header, and a client must not write it`;

function toActions(headers: RequestHeaderActions = {}, pointer = ''): Actions {
  if (!hasActions(headers)) return { add: [], set: toNamed(headers, pointer), remove: [] };
  const { add, set, remove } = headers as Readonly<Record<string, unknown>>;
  const ofRemove = pointerTo(pointer, 'remove');
  return {
    add: toNamed(add, pointerTo(pointer, 'add')),
    set: toNamed(set, pointerTo(pointer, 'set')),
    remove: ((remove as string[] | undefined) ?? []).map((name, index) => {
      return { name, at: pointerTo(ofRemove, index) };
    }),
  };
}

function toNamed(headers: unknown, pointer: string): readonly Named[] {
  return Object.entries(Object(headers) as Record<string, string>).map(([name, text]) => {
    return { name, text, at: pointerTo(pointer, name) };
  });
}

/** @returns whether applications believe the header, so that a document may set it to what no client writes */
function isBelieved(name: string): boolean {
  if (/^(?:x-amzn-.*|proxy|x-original-authorization)$/.test(name)) return false;
  return isSetByFront(name) || (isSetByPlugins(name) && isOpenTo('identity', name));
}

/** @returns the names, in lower case, under which the upstream must get nothing from a client */
export function identityNamesOf(headers: RequestHeaderActions | undefined): readonly string[] {
  const names = toActions(headers).set.map(({ name }) => name.toLowerCase());
  return names.filter((name) => isBelieved(toDashed(name)));
}

/** Where the actions stand, and how many groups their texts may name. */
export interface RequestHeaderOptions {
  readonly pointer: string;
  readonly groupCount: number | undefined;
}

interface Subject extends VariableSubject {
  readonly groups: Groups;
}

type ChangeRequest = (exchange: Exchange, groups: Groups) => Exchange;
/** @param headers of the exchange, which the change is made to */
type Change = (exchange: Exchange, groups: Groups, headers: OwnHeaders) => Exchange;

/**
 * @returns changes the headers of a request: adds, then sets, then removes. What an access plugin has said stays
 * @throws DocumentError for a header that documents may not set
 */
export function compileRequestHeaders(
  headers: RequestHeaderActions | undefined,
  options: RequestHeaderOptions,
): ChangeRequest {
  const { add, set, remove } = toActions(headers, options.pointer);
  const removed = new Set(remove.map(({ name }) => toDashed(name)));
  const changes: Change[] = [
    ...add.map((named) => compileAdd(named, options)),
    ...set.map((named) => {
      if (removed.has(toDashed(named.name.toLowerCase()))) {
        throw documentError(named.at, named.text, 'a header that is set or removed, not both');
      }
      return compileSet(named, options);
    }),
    ...remove.map(({ name, at }) => {
      assertRelayed(name, at);
      return toPut(name, () => undefined);
    }),
  ];
  if (changes.length === 0) return (exchange) => exchange;
  return (exchange, groups) => {
    const own = withOwnHeaders(exchange);
    return changes.reduce((changed, change) => change(changed, groups, own.headers), own.exchange);
  };
}

function toPut(
  name: string,
  toValue: (exchange: Exchange, groups: Groups) => string | undefined,
): Change {
  return (exchange, groups, headers) => {
    putHeader(headers, name, toValue(exchange, groups));
    return exchange;
  };
}

function compileAdd(named: Named, options: RequestHeaderOptions): Change {
  const name = toName(named);
  assertRelayed(name, named.at);
  const toText = compileValue(named, options);
  return (exchange, groups, headers) => {
    const value = toText({ ...exchange, groups });
    const own = headers[name];
    if (value !== '') putHeader(headers, name, own === undefined ? value : `${own}, ${value}`);
    return exchange;
  };
}

function compileSet(named: Named, options: RequestHeaderOptions): Change {
  const name = toName(named);
  const toText = compileValue(named, options);
  if (!isBelieved(toDashed(name))) {
    assertRelayed(name, named.at);
    // An empty text takes the header off, as APISIX's page of version 2 says.
    return toPut(name, (exchange, groups) => toText({ ...exchange, groups }) || undefined);
  }
  const isTrusted = splitText(named.text).every(
    (part) => typeof part === 'string' || trusted.has(part.name),
  );
  if (!isTrusted) throw documentError(named.at, named.text, trustedWords);
  return (exchange, groups) => {
    const isSaid = [...exchange.identity.keys()].some((own) => toDashed(own) === toDashed(name));
    if (isSaid) return exchange;
    const value = toText({ ...exchange, groups }) || undefined;
    return { ...exchange, identity: new Map(exchange.identity).set(name, value) };
  };
}

function compileValue({ text, at }: Named, { groupCount }: RequestHeaderOptions) {
  return compileHeaderText<Subject>(text, {
    pointer: at,
    findMore: (variable) =>
      groupCount !== undefined && /^\d+$/.test(variable) && Number(variable) <= groupCount
        ? ({ groups }) => groups[Number(variable)]
        : undefined,
  });
}

function toName({ name, at }: Named): string {
  const { success, output, issues } = v.safeParse(headerName, name);
  if (success) return output;
  throw documentError(at, name, issues[0].message);
}

/** The client's own `Authorization` travels under another name, and the document's goes the same way. */
function assertRelayed(name: string, at: string): void {
  if (name === 'authorization' || !isDropped(toDashed(name))) return;
  throw documentError(at, name, forbiddenWords);
}
