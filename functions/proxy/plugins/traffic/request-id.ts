/** Apache APISIX's `request-id`: an id for every request, to the upstream and back to the client. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { answerWith } from '../../chain/answer-headers.ts';
import { withHeader } from '../../chain/with-header.ts';
import { headerName, integer } from '../../documents/attributes.ts';
import { strictObject } from '../../documents/schema.ts';
import { isOpenTo } from '../../http/header-names.ts';
import type { Clock } from '../../http/time.ts';
import { definePlugin } from '../plugin.ts';

const lettersAndDigits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const maxCharacters = 128;
/** What uuids, ulids, base64 and trace ids are made of; nothing that ends a header, a log field or a quoted string. */
const idCharacters = /^[\w.~+/=:@-]+$/;

const rangeId = strictObject({
  length: v.optional(integer(6, maxCharacters), 16),
  char_set: v.optional(
    v.pipe(
      v.string(),
      v.minLength(6, 'at least 6 characters'),
      v.regex(idCharacters, 'letters, digits and -._~+/=:@'),
    ),
    lettersAndDigits,
  ),
});

const schema = strictObject({
  header_name: v.optional(
    v.pipe(
      headerName,
      v.check(
        (name) => isOpenTo('request-id', name),
        'a header name that the proxy does not use itself, such as X-Request-Id',
      ),
    ),
    'X-Request-Id',
  ),
  include_in_response: v.optional(v.boolean(), true),
  algorithm: v.optional(
    v.picklist(
      ['uuid', 'uuidv7', 'nanoid', 'range_id', 'ksuid'],
      'uuid, uuidv7, nanoid, range_id or ksuid',
    ),
    'uuid',
  ),
  range_id: v.optional(rangeId, {}),
});

type RequestIdConfig = v.InferOutput<typeof schema>;

/** Gives each request an id, for upstream and client. docs/plugins/request-id.md. */
export const requestId = definePlugin({
  name: 'request-id',
  priority: 12_015,
  schema,
  create(config, { now }) {
    const { header_name: name, include_in_response } = config;
    return async (exchange, next) => {
      const given = exchange.request.headers[name] ?? '';
      const isKept = given.length <= maxCharacters && idCharacters.test(given);
      const id = isKept ? given : createId(config, now);
      const named = withHeader(exchange, name, id);
      return include_in_response
        ? answerWith(named, next, { offered: { [name]: id } })
        : next(named);
    };
  },
});

function createId({ algorithm, range_id }: RequestIdConfig, now: Clock): string {
  switch (algorithm) {
    case 'uuid':
      return randomUUID();
    case 'uuidv7':
      return createUuidV7(now());
    case 'nanoid':
      // 21 characters of base64url, as nanoid's own.
      return randomBytes(16).toString('base64url').slice(0, 21);
    case 'range_id':
      return pick(range_id.char_set, range_id.length);
    case 'ksuid':
      return createKsuid(now());
  }
}

function pick(characters: string, length: number): string {
  return Array.from({ length }, () => characters[randomInt(characters.length)]).join('');
}

/** RFC 9562 §5.7: milliseconds since 1970, and random bits in place of those of a version 4. */
function createUuidV7(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const [, , , ...rest] = randomUUID().split('-');
  const random = randomBytes(2).toString('hex').slice(1);
  return [time.slice(0, 8), time.slice(8), `7${random}`, ...rest].join('-');
}

/** Seconds since May 2014 and 16 random bytes, as 27 digits that sort by time (github.com/segmentio/ksuid). */
function createKsuid(nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000) - 1_400_000_000;
  const time = Buffer.alloc(4);
  time.writeUInt32BE(seconds);
  let rest = BigInt(`0x${Buffer.concat([time, randomBytes(16)]).toString('hex')}`);
  let text = '';
  while (text.length < 27) {
    text = `${base62[Number(rest % 62n)]}${text}`;
    rest /= 62n;
  }
  return text;
}
