/** What the three limits have in common: where they count, and what becomes of a request that they do not let through. */
import * as v from 'valibot';
import { integer, listOf, message } from '../../../documents/attributes.ts';
import {
  type ParseContext,
  pointerTo,
  unfulfilledError,
} from '../../../documents/document-error.ts';
import { ProxyError } from '../../../http/errors.ts';
import type { PluginServices } from '../../plugin.ts';
import { rejection } from '../../rejection.ts';
import { findTable, type LimitTable } from './table.ts';

/** Schema entries that all limiting plugins share. */
export const limitEntries = {
  rejected_code: v.optional(integer(200, 599), 503),
  rejected_msg: v.optional(message),
  policy: v.optional(
    v.picklist(
      ['local', 'dynamodb'],
      'local or dynamodb (there is no Redis here: dynamodb is what all environments count in together)',
    ),
    'local',
  ),
  allow_degradation: v.optional(v.boolean(), false),
};

/** One request updates the table for each rule, one after another. */
const maxRules = 10;

/** The `rules` of a limiting plugin. */
export function rulesOf<TRule extends v.GenericSchema>(rule: TRule) {
  return v.pipe(listOf(rule), v.maxLength(maxRules, `at most ${maxRules} rules`));
}

/** Values of `key_type` that every limiting plugin accepts. */
export const keyTypes = ['var', 'var_combination'] as const;

/** The settings that all limiting plugins share, with defaults filled in. */
export interface LimitConfig {
  readonly rejected_code: number;
  readonly rejected_msg?: string | undefined;
  readonly policy: 'local' | 'dynamodb';
  readonly allow_degradation: boolean;
}

/**
 * @returns the table that a document asks for, undefined for `policy: local`
 * @throws DocumentError where there is none
 */
export function readTable(
  { policy }: LimitConfig,
  services: PluginServices,
  { pointer }: ParseContext,
): LimitTable | undefined {
  if (policy === 'local') return undefined;
  const table = findTable(services);
  if (table) return table;
  const expected = 'local, as long as COUNTERSIGN_LIMIT_TABLE names no DynamoDB table to count in';
  throw unfulfilledError(pointerTo(pointer, 'policy'), policy, expected);
}

/**
 * @param count asks how far the limit is used
 * @returns its answer; undefined when there is none and the document lets requests pass then
 * @throws ProxyError `ACCESS_UNDECIDED` when there is none and it does not
 */
export async function decide<T>(
  count: () => Promise<T>,
  { allow_degradation }: LimitConfig,
  { log }: PluginServices,
): Promise<T | undefined> {
  try {
    return await count();
  } catch (error) {
    if (allow_degradation) {
      log('warn', 'a limit could not be counted, and lets requests pass', { error });
      return undefined;
    }
    throw toUndecided(error);
  }
}

function toUndecided(cause: unknown): ProxyError {
  const headers = { 'retry-after': '1' };
  return new ProxyError('ACCESS_UNDECIDED', 'a limit could not be counted', { cause, headers });
}

/** A request that a limit refuses. `waitMs` is in ms. */
export interface Limited {
  /** Which limit it is. */
  readonly plugin: string;
  /** Until a request may pass again. */
  readonly waitMs: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes the `RATE_LIMITED` error of a refused request, with `retry-after` in seconds. */
export function toLimited(
  { rejected_code: status, rejected_msg: message }: LimitConfig,
  { plugin, waitMs, headers = {} }: Limited,
): ProxyError {
  const retryAfter = String(Math.max(1, Math.ceil(waitMs / 1000)));
  const all = { ...headers, 'retry-after': retryAfter };
  return rejection('RATE_LIMITED', { plugin, status, message, headers: all });
}
