/** Apache APISIX's `uri-blocker`: refuses paths and queries in which a rule finds something. */
import * as v from 'valibot';
import { distinct, integer, message } from '../../documents/attributes.ts';
import {
  compilePatterns,
  costlyReason,
  maxTextCharacters,
  patterns,
  toTotalSize,
} from '../../documents/pattern.ts';
import { strictObject } from '../../documents/schema.ts';
import { toUriReadings } from '../../http/path.ts';
import { definePlugin } from '../plugin.ts';
import { rejection } from '../rejection.ts';

const schema = strictObject({
  block_rules: v.pipe(patterns, distinct('rule')),
  rejected_code: v.optional(integer(200, 599), 403),
  rejected_msg: v.optional(message),
  case_insensitive: v.optional(v.boolean(), false),
});

/** Refuses requests whose path or query matches an expression; answers `FORBIDDEN`. docs/plugins/uri-blocker.md. */
export const uriBlocker = definePlugin({
  name: 'uri-blocker',
  priority: 2900,
  schema,
  create({ block_rules, case_insensitive, ...config }, { countSteps }, { pointer }) {
    const { rejected_code: status, rejected_msg } = config;
    countSteps(toTotalSize(block_rules), pointer);
    const search = compilePatterns(block_rules, { isCaseInsensitive: case_insensitive });
    return async (exchange, next) => {
      const { path, query } = exchange.request;
      const isTooLong = path.length + query.length > maxTextCharacters;
      const finding = isTooLong ? 'costly' : search(toUriReadings(path, query));
      if (finding === 'none') return next(exchange);
      const reason = finding === 'costly' ? costlyReason : undefined;
      throw rejection('FORBIDDEN', {
        plugin: 'uri-blocker',
        status,
        message: rejected_msg,
        reason,
      });
    };
  },
});
