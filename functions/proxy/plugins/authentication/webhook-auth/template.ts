/** The text that a provider signs, as a template: `{header:x-id}.{timestamp}.{body}`. */
import type { ProxyRequest } from '../../../http/message.ts';
import { tokenCharacters } from '../../../http/token.ts';

const headerPart = new RegExp(`^header:([${tokenCharacters}]+)$`);

type Read = (request: ProxyRequest, timestamp: string) => string | Buffer | undefined;

/** A part of the signed text: literal, or read from the request. */
export interface TemplatePart {
  readonly read: Read;
  /**
   * The value must not contain this character, which ends it. Otherwise a client could divide an old signed text in another
   * way, and write a time of its own.
   */
  readonly endsBefore?: string | undefined;
}

const variables: Readonly<Record<string, Read>> = {
  body: ({ body }) => body,
  timestamp: (_, timestamp) => timestamp,
  method: ({ method }) => method,
  host: ({ host }) => host,
  target: ({ target }) => target,
};

/** @returns the first `{…}` that means nothing, without its braces */
export function findUnknownVariable(template: string): string | undefined {
  return namesIn(template).find((name) => toVariable(name) === undefined);
}

function namesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
}

/**
 * The time must stand at one place of the signed text only. Otherwise someone who has one signed request could send it again
 * with another time. Counted from the beginning, the values in front of it have to end at a text. Counted from the end, no
 * value may stand behind it.
 *
 * @returns the part in front of `{timestamp}` whose end is unknown, without its braces
 */
export function findUnboundedPart(template: string): string | undefined {
  const parts = splitTemplate(template);
  const before = parts.slice(0, findTime(parts));
  const unbounded = before.find(
    (text, index) =>
      isVariable(text) && (text === '{body}' || findText(before, index) === undefined),
  );
  return unbounded?.slice(1, -1);
}

/** @param template without unknown variables and unbounded parts */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts = splitTemplate(template);
  const time = findTime(parts);
  return parts.map((text, index) => {
    const read = isVariable(text) ? toVariable(text.slice(1, -1)) : undefined;
    if (!read) return { read: () => text };
    return { read, endsBefore: index < time ? findText(parts, index)?.[0] : undefined };
  });
}

/** @returns where the time is, counted from the beginning; 0 if there is none, or if it can be counted from the end */
function findTime(parts: readonly string[]): number {
  const time = parts.indexOf('{timestamp}');
  return parts.slice(time + 1).some(isVariable) ? Math.max(0, time) : 0;
}

/** @returns the first text behind the part */
function findText(parts: readonly string[], index: number): string | undefined {
  return parts.slice(index + 1).find((text) => !isVariable(text));
}

function splitTemplate(template: string): readonly string[] {
  return template.split(/(\{[^{}]*\})/).filter(Boolean);
}

function isVariable(text: string): boolean {
  return text.startsWith('{') && toVariable(text.slice(1, -1)) !== undefined;
}

function toVariable(name: string): Read | undefined {
  if (Object.hasOwn(variables, name)) return variables[name];
  const header = headerPart.exec(name)?.[1]?.toLowerCase();
  return header === undefined ? undefined : ({ headers }) => headers[header];
}

/** @returns undefined if the request lacks a header that is signed, or if one contains what should end it */
export function toContent(
  parts: readonly TemplatePart[],
  request: ProxyRequest,
  timestamp: string,
): readonly (string | Buffer)[] | undefined {
  const content: (string | Buffer)[] = [];
  for (const { read, endsBefore } of parts) {
    const value = read(request, timestamp);
    if (value === undefined) return undefined;
    if (endsBefore !== undefined && value.includes(endsBefore)) return undefined;
    content.push(value);
  }
  return content;
}
