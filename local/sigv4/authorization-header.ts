import type { SigningScope } from './canonical-request.ts';

/** The parts of an `Authorization: AWS4-HMAC-SHA256 …` header. */
export interface ParsedAuthorization {
  readonly accessKeyId: string;
  readonly scope: SigningScope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const REQUIRED = ['Credential', 'Signature', 'SignedHeaders'] as const;

/** Parses the header. @returns AWS's error message if it is malformed */
export function parseAuthorization(
  header: string,
  timestamp: string | undefined,
): ParsedAuthorization | string {
  const fields = readFields(header);
  if (typeof fields === 'string') {
    return fields;
  }
  const missing: string[] = REQUIRED.filter((name) => !fields.get(name)).map(
    (name) => `Authorization header requires '${name}' parameter.`,
  );
  if (timestamp === undefined) {
    missing.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  }
  const credential = fields.get('Credential') ?? '';
  const [accessKeyId = '', date = '', region = '', service = '', terminator, ...more] =
    credential.split('/');
  if (missing.length > 0 || timestamp === undefined) {
    return `${missing.join(' ')} Authorization=${header.split(' ')[0]}`;
  }
  if (terminator !== 'aws4_request' || more.length > 0) {
    return `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`;
  }
  return {
    accessKeyId,
    scope: { timestamp, date, region, service },
    signedHeaders: (fields.get('SignedHeaders') ?? '').split(';'),
    signature: fields.get('Signature') ?? '',
  };
}

function readFields(header: string): Map<string, string> | string {
  const [, algorithm = '', rest = ''] = /^\s*(\S*)\s*(.*)$/s.exec(header) ?? [];
  const fields = new Map<string, string>();
  for (const part of rest.split(',').map((field) => field.trim())) {
    const equals = part.indexOf('=');
    if (equals === -1 && algorithm !== 'AWS4-HMAC-SHA256') {
      return `'${part}' not a valid key=value pair (missing equal-sign) in Authorization header: '${header}'.`;
    }
    fields.set(part.slice(0, equals), part.slice(equals + 1));
  }
  return algorithm === 'AWS4-HMAC-SHA256' ? fields : `Unsupported AWS 'algorithm': '${algorithm}'.`;
}

/**
 * Converts `20150830T123600Z` to milliseconds since 1970.
 * @returns undefined for other texts
 */
export function parseTimestamp(timestamp: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(timestamp);
  const [, year, month, day, hour, minute, second] = parts ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return parts === null || Number.isNaN(ms) ? undefined : ms;
}

/** Converts milliseconds since 1970 to `20150830T123600Z`. */
export function formatTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
