/** What is read from the bytes before a body, besides what Node's parser tells. */
import type { IncomingMessage } from 'node:http';
import { createHead } from '../../functions/proxy/send/head.ts';

const found = 'a tab behind the transfer coding';

function findHiddenChunks(bytes: string, headers: object = { 'transfer-encoding': 'chunked' }) {
  const head = createHead();
  head.add(Buffer.from(bytes, 'latin1'));
  return head.findHiddenChunks({ headers } as IncomingMessage);
}

test.each<[string, string | undefined]>([
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\t\r\n\r\n', found],
  ['HTTP/1.1 200 OK\ntransfer-encoding: chunked\t\n\n', found],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\t  \r\n\r\n', found],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx: a\t\r\n\r\n', undefined],
  ['HTTP/1.1 200 OK\r\ntransfer-encoding:\tchunked\r\n\r\n', undefined],
  ['HTTP/1.1 200 OK\nx: 1\n\ntransfer-encoding: chunked\t\n', undefined],
  ['HTTP/1.1 200 OK\r\nx: 1\r\n\r\ntransfer-encoding: chunked\t\r\n', undefined],
  ['HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\t\r\n\r\n', found],
  ['HTTP/1.1 103 x\r\ntransfer-encoding: chunked\t\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', undefined],
])('of the head %j it is %j', (bytes, expected) => {
  expect(findHiddenChunks(bytes)).toBe(expected);
});

test('nothing is looked for where Node has seen no coding', () => {
  const bytes = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\t\r\n\r\n';

  expect(findHiddenChunks(bytes, {})).toBeUndefined();
});
