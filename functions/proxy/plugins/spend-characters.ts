/** The limit on the work of all variables of one request. */
import type { AccessRecord } from '../chain/exchange.ts';
import { ProxyError } from '../http/errors.ts';

/** About 50 ms of CPU. */
const maxCharacters = 3 * 1024 * 1024;

/**
 * A document may name hundreds of variables, in the plugins of a route together.
 *
 * @param record of the request
 * @param text what a variable is looked for in, or its value
 * @throws ProxyError `MALFORMED_REQUEST`
 */
export function spend(record: AccessRecord, text = ''): void {
  const characters = (record.variableCharacters ?? 0) + text.length;
  record.variableCharacters = characters;
  if (characters <= maxCharacters) return;
  throw new ProxyError('MALFORMED_REQUEST', `more than ${maxCharacters} characters of variables`, {
    detail: 'The values that decide about the request are too long',
  });
}
