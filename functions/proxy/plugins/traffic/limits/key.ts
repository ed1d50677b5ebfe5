/** What a limit counts by. */
import { createHash } from 'node:crypto';
import type { Exchange } from '../../../chain/exchange.ts';
import { toClientNetwork } from '../../../documents/address.ts';
import { documentError, type ParseContext, pointerTo } from '../../../documents/document-error.ts';
import {
  combinationWords,
  compileCombination,
  findVariable,
  headersIn,
  headersOf,
  isCombination,
  type ReadVariable,
  variableWords,
} from '../../variables.ts';

/** The attributes that say what a limit counts by. */
export interface KeyConfig {
  readonly key: string;
  readonly key_type: 'var' | 'var_combination' | 'constant';
}

/** Names the counter of a request; two requests with the same name share a count. */
export type NameCounted = (exchange: Exchange) => string;

/**
 * As in APISIX, a request without a value for the key is counted by its address. Such a name is of another kind, so that a
 * client cannot write another client's address into a header and use up that client's quota.
 *
 * @throws DocumentError for a variable that there is not
 */
export function compileKey(config: KeyConfig, { pointer }: ParseContext): NameCounted {
  const read = toReader(config, pointerTo(pointer, 'key'));
  return (exchange) => {
    const counted = byNetwork(exchange);
    const value = read(counted);
    return value === undefined
      ? toName('address', counted.request.clientIp)
      : toName(config.key_type, value);
  };
}

/**
 * @returns lower-case names of the headers that a key reads. An upstream must not get another spelling of them (`x_key` for
 *   `x-key`), which has not been counted
 */
export function headersOfKey({ key, key_type }: KeyConfig): ReadonlySet<string> {
  if (key_type === 'constant') return new Set();
  return new Set(key_type === 'var' ? headersOf(key) : headersIn(key));
}

/**
 * The key of one rule of several: a combination of variables. The rule does not apply to a request without any of them.
 *
 * @throws DocumentError
 */
export function compileRuleKey(
  key: string,
  pointer: string,
): (exchange: Exchange) => string | undefined {
  const read = toReader({ key, key_type: 'var_combination' }, pointer);
  return (exchange) => {
    const value = read(byNetwork(exchange));
    return value === undefined ? undefined : toName('var_combination', value);
  };
}

/** All addresses of one IPv6 network are one client, whichever variable reads the address. */
function byNetwork(exchange: Exchange): Exchange {
  const { request } = exchange;
  const clientIp = toClientNetwork(request.clientIp);
  return clientIp === request.clientIp
    ? exchange
    : { ...exchange, request: { ...request, clientIp } };
}

function toReader({ key, key_type }: KeyConfig, pointer: string): ReadVariable {
  if (key_type === 'constant') return () => key;
  if (key_type === 'var_combination') {
    if (isCombination(key)) return compileCombination(key);
    throw documentError(pointer, key, combinationWords);
  }
  const read = findVariable(key);
  if (read) return read;
  throw documentError(pointer, key, `${variableWords} (key_type "constant" counts all requests)`);
}

/** Clients choose how long a value is, and no memory or table has to hold more of it than a digest. */
function toName(kind: string, value: string): string {
  return createHash('sha256').update(`${kind}\0${value}`).digest('base64url');
}
