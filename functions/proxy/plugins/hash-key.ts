/** What `chash` hashes a request by. */
import type { Exchange } from '../chain/exchange.ts';
import { documentError, pointerTo } from '../documents/document-error.ts';
import { ProxyError } from '../http/errors.ts';
import {
  combinationWords,
  compileTemplate,
  findVariable,
  isCombination,
  type ReadVariable,
  variableWords,
} from './variables.ts';

/** The attributes of an upstream that say what it hashes by. */
export interface HashKeyConfig {
  readonly hash_on: 'vars' | 'header' | 'cookie' | 'consumer' | 'vars_combinations';
  readonly key: string | undefined;
}

/**
 * As in APISIX, a request without a value is hashed by the address of its client.
 *
 * @param pointer of the upstream
 * @throws DocumentError for a key that names no variable
 */
export function compileHashKey(
  config: HashKeyConfig,
  pointer: string,
): (exchange: Exchange) => string {
  const read = toReader(config, pointerTo(pointer, 'key'));
  return (exchange) => readOrNothing(read, exchange) ?? exchange.request.clientIp;
}

/** A value that readers disagree about chooses a node and nothing else, so it is no reason to refuse the request. */
function readOrNothing(read: ReadVariable, exchange: Exchange): string | undefined {
  try {
    return read(exchange);
  } catch (error) {
    if (error instanceof ProxyError) return undefined;
    throw error;
  }
}

function toReader({ hash_on, key = '' }: HashKeyConfig, pointer: string): ReadVariable {
  if (hash_on === 'consumer') return ({ consumer }) => consumer?.username;
  if (hash_on === 'vars_combinations') {
    if (isCombination(key)) return compileTemplate(key);
    throw documentError(pointer, key, combinationWords);
  }
  const prefix = { vars: '', header: 'http_', cookie: 'cookie_' }[hash_on];
  const read = findVariable(`${prefix}${key}`);
  if (read) return read;
  const words = {
    vars: variableWords,
    header: 'the name of a header',
    cookie: 'the name of a cookie',
  };
  throw documentError(pointer, key, words[hash_on]);
}
