/** Upstream byte streams as fast-check makes them: a response by grammar, then bytes changed, cut, held back. */
import fc from 'fast-check';
import { hopByHopNames } from '../support/header-names.ts';
import { plain } from '../support/raw-upstream.ts';
import type { End } from './reading.ts';
import type { Change, Played } from './script.ts';

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const rarely = <T>(oneIn: number, arbitrary: fc.Arbitrary<T>, otherwise: T) =>
  fc.oneof(often(oneIn - 1, fc.constant(otherwise)), often(1, arbitrary));
const anyByte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
const text = (maxLength: number) => fc.array(anyByte, { maxLength }).map((chars) => chars.join(''));
const pattern = (length: number) => 'countersign '.repeat(Math.ceil(length / 12)).slice(0, length);

const bodyText = fc.oneof(
  often(30, text(24)),
  often(10, pick('hello', '', '0\r\n\r\n', plain('poison'), '\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')),
  often(4, fc.integer({ min: 1000, max: 9000 }).map(pattern)),
  often(1, pick(65_535, 65_536, 65_537, 100_000, 200_000).map(pattern)),
);

const value = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0x21, max: 0x7e }),
      fc.integer({ min: 0x80, max: 0xff }),
      pick(9, 32),
    ),
    {
      maxLength: 8,
    },
  )
  .map((codes) => String.fromCharCode(...codes));
const line = (names: readonly string[]) =>
  fc.tuple(pick(...names), pick(':', ': ', ':\t '), value).map((parts) => parts.join(''));
const header = fc.oneof(
  often(
    32,
    line(['x-a', 'X-A', 'x-b', 'content-type', 'ETag', 'date', 'constructor', '__proto__']),
  ),
  often(12, line(['set-cookie', 'Set-Cookie'])),
  often(8, line(['countersign-error', 'Countersign-Table', 'via', 'x-amzn-requestid', 'location'])),
  often(
    8,
    line(hopByHopNames.filter((name) => name !== 'transfer-encoding' && name !== 'upgrade')),
  ),
  often(8, pick('connection: close', 'connection: keep-alive', 'Connection: x-a, ETag', 'x-a:')),
  often(
    2,
    pick('connection: upgrade\r\nupgrade: h2c', 'x-a: 1\r\n  2', `x-long: ${pattern(20_000)}`),
  ),
  often(1, pick('x a: 1', 'x-a : 1', ': 1', 'x-a', 'x-a: 1\x002', 'x-a: \x7f', 'x-a: 1\rx-b: 2')),
);
const headers = fc.array(header, { maxLength: 5 });
const statusLine = fc
  .tuple(
    fc.oneof(
      often(30, pick('HTTP/1.1')),
      often(2, pick('HTTP/1.0')),
      often(1, pick('HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'ICY')),
    ),
    fc.oneof(
      often(
        20,
        pick(
          '200',
          '200',
          '201',
          '204',
          '205',
          '206',
          '301',
          '304',
          '400',
          '403',
          '404',
          '500',
          '503',
          '599',
        ),
      ),
      often(4, fc.integer({ min: 200, max: 599 }).map(String)),
      often(1, pick('000', '099', '101', '600', '999', '20', '2000', 'abc')),
    ),
    pick(' OK', ' OK', ' OK', ' OK', ' OK', ' OK', ' ', '', ' \xe9\xff', ' a b\tc'),
  )
  .map(([version, status, reason]) => `${version} ${status}${reason}`);
const informational = fc
  .array(
    pick(
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
      'HTTP/1.1 199 \r\n\r\n',
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((list) => list.join(''));

/** Header lines and bytes that frame a body, mostly as they should. */
type Framed = readonly [lines: readonly string[], bytes: string];
const exact = bodyText.map((body): Framed => [[`content-length: ${body.length}`], body]);
const odd = fc.tuple(bodyText, pick(-1, 1, 5, 70_000)).chain(([body, off]) => {
  const length = `content-length: ${body.length}`;
  const [chunked, other] = ['transfer-encoding: chunked', `content-length: ${body.length + off}`];
  return pick<Framed>(
    ...[
      [[other], body] as const,
      [[length, other], body] as const,
      [[length, length], body] as const,
    ],
    ...[[[`${length}, ${body.length}`], body] as const, [[`${length}, 9`], body] as const],
    ...[[[length, chunked], `5\r\nhello\r\n0\r\n\r\n`] as const, [[chunked], body] as const],
    ...['+5', '-5', '0x5', '5x', '', '5 5', '99999999999999999999', '005'].map(
      (bad) => [[`content-length: ${bad}`], 'hello'] as const,
    ),
    ...['gzip', 'gzip, chunked', 'chunked, identity', 'identity', 'Chunked', 'chunked;q=1', ''].map(
      (coding) => [[`Transfer-Encoding: ${coding}`], '5\r\nhello\r\n0\r\n\r\n'] as const,
    ),
  );
});
const chunk = fc
  .tuple(
    bodyText,
    pick('', '', '0', '000'),
    fc.oneof(
      often(12, pick('', '', '', ';a', ';a=b', ';a="b;c"')),
      often(1, pick(' ; a = b', ';', ' ', ';=', ';\xe9', 'x', ' 5')),
    ),
    fc.oneof(often(30, pick('\r\n')), often(1, pick('\n', ''))),
  )
  .map(([body, zeros, extension, end]) =>
    body === '' ? '' : `${zeros}${body.length.toString(16)}${extension}\r\n${body}${end}`,
  );
const oddSize = pick(
  'zz\r\n',
  '-5\r\nhello\r\n',
  'fffffffffffffffff\r\nhello',
  '3\r\nhello\r\n',
  '0x5\r\nhello\r\n',
  '\r\n',
);
const lastChunk = fc.oneof(
  often(
    12,
    pick(
      '0\r\n\r\n',
      '0000\r\n\r\n',
      '0;a=b\r\n\r\n',
      '0\r\nx-after: 1\r\nset-cookie: a=b\r\n\r\n',
    ),
  ),
  often(1, pick('0\r\nx a: 1\r\n\r\n', '0\r\n', '', '0\n\n', '0\r\ncontent-length: 3\r\n\r\n')),
);
const chunked = fc
  .tuple(fc.array(chunk, { maxLength: 4 }), rarely(20, oddSize, ''), lastChunk)
  .map(
    ([chunks, bad, last]): Framed => [['transfer-encoding: chunked'], chunks.join('') + bad + last],
  );
const framed = fc.oneof(
  often(10, exact),
  often(10, chunked),
  often(
    3,
    bodyText.map((body): Framed => [[], body]),
  ),
  often(2, odd),
);

const message = fc.oneof(
  often(
    40,
    fc
      .tuple(
        rarely(8, informational, ''),
        statusLine,
        headers,
        framed,
        rarely(30, pick('\n'), '\r\n'),
      )
      .map(([before, first, lines, [framing, bytes], eol]) =>
        [before + first, ...lines, ...framing, '', bytes].join(eol),
      ),
  ),
  often(1, pick('', 'SSH-2.0-OpenSSH_9.6\r\n', '<html>hello</html>', '\x16\x03\x01\x02', '\r\n')),
  often(1, text(40)),
);

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.integer({ min: 0, max: 1000 }),
  isInHead: fc.boolean(),
  kind: pick('insert', 'replace', 'delete', 'repeat'),
  text: fc.oneof(
    anyByte,
    pick('\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', ':', '0', ',', ';', '\t'),
  ),
});

export const playedStream: fc.Arbitrary<Played> = fc.record({
  method: pick('GET', 'GET', 'GET', 'HEAD', 'POST', 'DELETE'),
  message,
  changes: rarely(3, fc.array(change, { minLength: 1, maxLength: 3 }), []),
  tail: rarely(
    8,
    fc.oneof(
      pick(plain('poison'), 'EXTRA', '\r\n', '\0', 'HTTP/1.1 200', 'HTTP/1.1 408 Gone\r\n\r\n'),
      text(5),
    ),
    '',
  ),
  missing: rarely(5, fc.integer({ min: 1, max: 1000 }), 0),
  cuts: fc.array(fc.tuple(fc.integer({ min: 0, max: 1000 }), pick(0, 0, 1, 3)), { maxLength: 3 }),
  end: fc.oneof(
    often(5, pick<End>('end')),
    often(6, pick<End>('open')),
    often(2, pick<End>('reset')),
  ),
});
