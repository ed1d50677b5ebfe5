/** Which requests the local stack takes for its own. */
import { isForOwnHost } from '../../local/own-host.ts';

test.each([
  ['127.0.0.1:3001', true],
  ['127.0.0.1', true],
  ['[::1]:3001', true],
  ['localhost:3001', true],
  ['LOCALHOST', true],
  ['host.docker.internal:3001', true],
  ['evil.example:3001', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:3001', false],
  ['', false],
  [undefined, false],
])('a request for the host %j is taken: %s', (host, expected) => {
  expect(isForOwnHost({ headers: host === undefined ? {} : { host } })).toBe(expected);
});
