/**
 * Content types whose bodies are passed as text. AWS documents no list for function URLs. This is its list for load
 * balancers; functions must check `isBase64Encoded` anyway.
 */
const TEXT_TYPES = /^(text\/.*|application\/(json|xml|javascript)|[^/]+\/[^/]+\+(json|xml))$/;

/** The part of an event that carries the body. */
export interface EventBody {
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** Passes a body as text if its content type is text and it is not compressed, otherwise as base64. */
export function encodeBody(body: Buffer, headers: Readonly<Record<string, string>>): EventBody {
  if (body.length === 0) {
    return { isBase64Encoded: false };
  }
  const { 'content-type': contentType = '', 'content-encoding': encoding = 'identity' } = headers;
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const isText = encoding === 'identity' && TEXT_TYPES.test(mediaType);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** Percent-decodes as UTF-8, as in AWS's events. Invalid escapes stay or are replaced. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) {
    return text;
  }
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
