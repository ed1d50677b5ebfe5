/** Raw responses: valid, doubtful, invalid, and cut at every stage. */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { plain, type Step } from './raw-upstream.ts';

export const ok = 'HTTP/1.1 200 OK\r\n';
export const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
export const poison = plain('poison');
const big = randomBytes(200_000);
const bigHead = `${ok}content-length: ${big.length}\r\n\r\n`;
const bytewise = [...chunked, ...'5\r\nhello\r\n0\r\n\r\n'];
const packed = gzipSync('hello');

/** Responses that arrive completely, with status and body. */
export const whole: readonly (readonly [string, readonly Step[], number, string | Buffer])[] = [
  ['100 first', [`HTTP/1.1 100 Continue\r\n\r\n${plain('hello')}`], 200, 'hello'],
  ['103 first', [`HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${plain('hello')}`], 200, 'hello'],
  ['several 1xx first', ['HTTP/1.1 102 x\r\n\r\n'.repeat(20) + plain('hello')], 200, 'hello'],
  ['no reason phrase', ['HTTP/1.1 200\r\ncontent-length: 5\r\n\r\nhello'], 200, 'hello'],
  ['an empty reason phrase', ['HTTP/1.1 200 \r\ncontent-length: 5\r\n\r\nhello'], 200, 'hello'],
  ['a reason in UTF-8', ['HTTP/1.1 200 \xc3\xa9\r\ncontent-length: 5\r\n\r\nhello'], 200, 'hello'],
  ['HTTP/1.0', ['HTTP/1.0 200 OK\r\n\r\nhello', 'end'], 200, 'hello'],
  ['no length and a close', [`${ok}\r\nhel`, 'lo', 'end'], 200, 'hello'],
  ['no length and nothing before the close', [`${ok}\r\n`, 'end'], 200, ''],
  ['length 0', [plain('')], 200, ''],
  ['a length with leading zeros', [`${ok}content-length: 005\r\n\r\nhello`], 200, 'hello'],
  [
    'chunks that speak of a tab behind chunked',
    [`${chunked}21\r\n\r\n\r\ntransfer-encoding: chunked\t\r\n\r\n0\r\n\r\n`],
    200,
    '\r\n\r\ntransfer-encoding: chunked\t\r\n',
  ],
  [
    'chunks behind a 103 that speaks of a tab behind chunked',
    [`HTTP/1.1 103 x\r\ntransfer-encoding: chunked\t\r\n\r\n${chunked}1\r\n\t\r\n0\r\n\r\n`],
    200,
    '\t',
  ],
  ['chunks', [`${chunked}3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`], 200, 'hello'],
  ['chunks in capitals', [`${chunked}0000A\r\n0123456789\r\n0\r\n\r\n`], 200, '0123456789'],
  ['chunk extensions', [`${chunked}5;a=b;c="d"\r\nhello\r\n0;e\r\n\r\n`], 200, 'hello'],
  [
    'trailers',
    [`${chunked}5\r\nhello\r\n0\r\nx-after: 1\r\nset-cookie: a=b\r\n\r\n`],
    200,
    'hello',
  ],
  ['no chunk', [`${chunked}0\r\n\r\n`], 200, ''],
  ['one byte at a time', bytewise, 200, 'hello'],
  ['200 KB', [bigHead, big], 200, big],
  [
    'gzip',
    [`${ok}content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`, packed],
    200,
    packed,
  ],
  ['more bytes than its length', [`${ok}content-length: 5\r\n\r\nhelloEXTRA`], 200, 'hello'],
  ['a second response in the same packet', [plain('hello') + poison], 200, 'hello'],
  [
    'a second response behind the last chunk',
    [`${chunked}5\r\nhello\r\n0\r\n\r\n${poison}`],
    200,
    'hello',
  ],
  ['a second response a moment later', [plain('hello'), { pauseMs: 30 }, poison], 200, 'hello'],
  ['204 with a body', [`HTTP/1.1 204 No\r\ncontent-length: 5\r\n\r\nhello`], 204, ''],
  ['204 with a body that is a response', [`HTTP/1.1 204 No\r\n\r\n${poison}`], 204, ''],
  ['304 with a body', ['HTTP/1.1 304 No\r\ncontent-length: 5\r\n\r\nhello'], 304, ''],
  ['304 with a body that is a response', [`HTTP/1.1 304 No\r\n\r\n${poison}`], 304, ''],
];

/** Responses for which RFC 9112 leaves a choice: they are refused with 502, or read as intended. */
export const lenient: typeof whole = [
  ['a folded header', [plain('hello', 'x-a: 1\r\n  2\r\n')], 200, 'hello'],
  ['bare line feeds', [plain('hello').replaceAll('\r\n', '\n')], 200, 'hello'],
  ['the same length twice', [plain('hello', 'content-length: 5\r\n')], 200, 'hello'],
  ['a list of the same length', [`${ok}content-length: 5, 5\r\n\r\nhello`], 200, 'hello'],
  ['an empty line first', [`\r\n${plain('hello')}`], 200, 'hello'],
  ['spaces behind the length', [`${ok}content-length: 5  \r\n\r\nhello`], 200, 'hello'],
  [
    'an offer to upgrade',
    [plain('hello', 'connection: upgrade\r\nupgrade: h2c\r\n')],
    200,
    'hello',
  ],
];

export const invalid = 'UPSTREAM_INVALID_RESPONSE';
const withHeader = (line: string) => [plain('hello', `${line}\r\n`)];
/** Early hints with a valid header. */
const early = 'HTTP/1.1 103 Early Hints\r\n';
const large = 'a'.repeat(100_000);

const withStatus = (line: string) => [`${line}\r\ncontent-length: 5\r\n\r\nhello`];
const withLength = (length: string) =>
  [`${ok}content-length: ${length}\r\n\r\nhello`, 'end'] as const;
const coded = (coding: string) => [
  `${ok}transfer-encoding: ${coding}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  'end' as const,
];

export const refused: readonly (readonly [string, readonly Step[], string])[] = [
  ['10,001 headers of one name', withHeader('a: b\r\n'.repeat(10_000).trim()), invalid],
  ['120,000 empty headers', withHeader('a:\r\n'.repeat(120_000).trim()), invalid],
  ['another protocol', ['SSH-2.0-OpenSSH_9.6\r\n'], invalid],
  ['HTTP/2.0', withStatus('HTTP/2.0 200 OK'), invalid],
  ['HTTP/0.9', ['<html>hello</html>', 'end'], invalid],
  ['a status of two digits', withStatus('HTTP/1.1 20 OK'), invalid],
  ['a status of four digits', withStatus('HTTP/1.1 2000 OK'), invalid],
  ['a status in letters', withStatus('HTTP/1.1 abc OK'), invalid],
  ['status 000', withStatus('HTTP/1.1 000 OK'), invalid],
  ['status 099', withStatus('HTTP/1.1 099 OK'), invalid],
  ['status 600', withStatus('HTTP/1.1 600 OK'), invalid],
  ['status 999', withStatus('HTTP/1.1 999 OK'), invalid],
  ['101', ['HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello'], invalid],
  ['101 without upgrade', [`HTTP/1.1 101 Switching\r\n\r\n${plain('hello')}`], invalid],
  ['conflicting lengths', withHeader('content-length: 4'), invalid],
  ['a conflicting list of lengths', withLength('5, 6'), invalid],
  ['a negative length', withLength('-5'), invalid],
  ['a signed length', withLength('+5'), invalid],
  ['a hexadecimal length', withLength('0x5'), invalid],
  ['a length with letters', withLength('5x'), invalid],
  ['an empty length', withLength(''), invalid],
  ['a length beyond all numbers', withLength('99999999999999999999'), invalid],
  ['length and chunked together', withHeader('transfer-encoding: chunked'), invalid],
  ['chunked with a tab behind', coded('chunked\t'), invalid],
  ['chunked with blanks behind', coded('chunked \t '), invalid],
  ['chunked under gzip', coded('gzip, chunked'), invalid],
  ['gzip alone', coded('gzip'), invalid],
  ['chunked under identity', coded('chunked, identity'), invalid],
  ['an unknown coding', coded('xchunked'), invalid],
  ['a header without a colon', withHeader('x-nothing'), invalid],
  ['a space before the colon', withHeader('x-a : 1'), invalid],
  ['a name with a space', withHeader('x a: 1'), invalid],
  ['an empty name', withHeader(': 1'), invalid],
  ['NUL in a value', withHeader('x-a: 1\x002'), invalid],
  ['NUL in a name', withHeader('x\x00a: 1'), invalid],
  ['a control character in a value', withHeader('x-a: 1\x012'), invalid],
  ['DEL in a value', withHeader('x-a: 1\x7f2'), invalid],
  ['a lone CR in a value', withHeader('x-a: 1\rx-injected: 2'), invalid],
  ['more than 1 MB of headers', withHeader(`x-a: ${'a'.repeat(1_100_000)}`), invalid],
  ['a head that a prelude cannot hold', withHeader(`x-a: ${'a'.repeat(600_000)}`), invalid],
  ['1xx without end', Array(2000).fill('HTTP/1.1 102 x\r\n\r\n'), invalid],
  ['1xx with large headers', Array(20).fill(`${early}x-a: ${large}\r\n\r\n`), invalid],
  ['chunked with 60,000 tabs behind', coded(`chunked${'\t'.repeat(60_000)}`), invalid],
  ['chunked with 60,000 tabs inside', coded(`chunked${'\t'.repeat(60_000)}x`), invalid],
  ['HTTP/0.9 with a status line', withStatus('HTTP/0.9 200 OK'), invalid],
  ['a cut in the status line', ['HTTP/1.1 2', 'end'], 'UPSTREAM_CUT'],
  ['a cut in the headers', [`${ok}content-le`, 'end'], 'UPSTREAM_CUT'],
  ['a reset in the headers', [`${ok}content-le`, 'reset'], 'UPSTREAM_CUT'],
  ['a cut before the last empty line', [`${ok}content-length: 0\r\n`, 'end'], 'UPSTREAM_CUT'],
  ['a cut behind 100', ['HTTP/1.1 100 Continue\r\n\r\n', 'end'], 'UPSTREAM_CUT'],
  ['a cut before a small body', [`${ok}content-length: 5\r\n\r\n`, 'end'], 'UPSTREAM_CUT'],
  ['a cut in a small body', [`${ok}content-length: 5\r\n\r\nhell`, 'end'], 'UPSTREAM_CUT'],
  ['a reset in a small body', [`${ok}content-length: 5\r\n\r\nhell`, 'reset'], 'UPSTREAM_CUT'],
  [
    'a cut one byte before 64 KB',
    [`${ok}content-length: 65536\r\n\r\n`, big.subarray(0, 65_535), 'end'],
    'UPSTREAM_CUT',
  ],
];

/**
 * On a kept-alive connection such an end may only mean that the connection was old, so the request is tried on a second
 * one.
 */
export const unanswered: readonly (readonly [string, readonly Step[]])[] = [
  ['nothing and a close', ['end']],
  ['nothing and a reset', ['reset']],
];

/**
 * Responses whose status has been sent, so that only a cut connection reports the error. The received part is the
 * beginning of the sent one.
 */
export const cut: readonly (readonly [string, readonly Step[], string | Buffer])[] = [
  ['in a big body', [bigHead, big.subarray(0, 100_000), 'end'], big],
  ['by a reset in a big body', [bigHead, big.subarray(0, 100_000), 'reset'], big],
  ['before a big body', [bigHead, 'end'], ''],
  ['in a chunk', [`${chunked}5\r\nhel`, 'end'], 'hello'],
  ['between chunks', [`${chunked}5\r\nhello\r\n`, 'end'], 'hello'],
  ['in the last chunk', [`${chunked}5\r\nhello\r\n0\r\n`, 'end'], 'hello'],
  ['in a trailer', [`${chunked}5\r\nhello\r\n0\r\nx-af`, 'end'], 'hello'],
  ['by a reset without a length', [`${ok}\r\nhello`, { pauseMs: 30 }, 'reset'], 'hello'],
  ['by a chunk size that is none', [`${chunked}5\r\nhello\r\nzz\r\n`], 'hello'],
  ['by a negative chunk size', [`${chunked}-5\r\nhello\r\n0\r\n\r\n`], ''],
  ['by a chunk size beyond all numbers', [`${chunked}fffffffffffffffff\r\nhello`], 'hello'],
  ['by a chunk that is longer than its size', [`${chunked}3\r\nhello\r\n0\r\n\r\n`], 'hel'],
  ['by a chunk without its end of line', [`${chunked}5\r\nhello0\r\n\r\n`], 'hello'],
  ['by a bad trailer', [`${chunked}5\r\nhello\r\n0\r\nx a: 1\r\n\r\n`], 'hello'],
];

/** Silence, on a route with a timeout of 300 ms. */
const late = [{ pauseMs: 600 }, poison];
export const silent: readonly (readonly [string, readonly Step[]])[] = [
  ['before the status', late],
  ['in the headers', [ok, ...late]],
  ['behind 100', ['HTTP/1.1 100 Continue\r\n\r\n', ...late]],
  ['before a small body', [`${ok}content-length: 5\r\n\r\n`, ...late]],
  ['in a small body', [`${ok}content-length: 5\r\n\r\nhell`, ...late]],
];
export const silentAfterHead: readonly (readonly [string, readonly Step[], string | Buffer])[] = [
  ['in a big body', [bigHead, big.subarray(0, 100_000), ...late], big],
  ['in a chunk', [`${chunked}5\r\nhel`, ...late], 'hello'],
  ['without a length', [`${ok}\r\nhel`, ...late], 'hel'],
];
