/** The second look: whatever a document said when it was loaded, a socket is opened to allowed hosts only. */
import type { RequestOptions } from 'node:http';
import { createPools } from '../../functions/proxy/send/connections.ts';
import type { Origin } from '../../functions/proxy/send/hosts.ts';
import { codeThrownBy, functionUrlHost, toAllowedHosts } from '../support/builders.ts';

const settings = { keepalive: true, poolSize: 1, idleTimeoutMs: 1000, verifyTls: true };
const pool = (origin: Origin, list = '') =>
  createPools({ allowedHosts: toAllowedHosts(list), now: () => 0 }).get(origin, settings);
const https = (hostname: string, port = 443): Origin => ({ protocol: 'https:', hostname, port });
const http = (hostname: string, port = 80): Origin => ({ protocol: 'http:', hostname, port });
const refusal = (host: string) => `refused to open a connection to ${host}`;

test.each([
  [https('169.254.169.254'), ''],
  [https('fd00:ec2::254'), ''],
  [https('::ffff:a9fe:a9fe'), ''],
  [https('10.0.0.1'), ''],
  [https('2852039166'), ''],
  [https('0xa9fea9fe'), ''],
  [https('0251.0376.0251.0376'), ''],
  [https('evil.example'), 'example'],
  [https(`${functionUrlHost}.evil.example`), ''],
  [https(`${functionUrlHost}.`), ''],
  [https(functionUrlHost, 8443), ''],
  [http(functionUrlHost), functionUrlHost],
  [http('169.254.169.254'), '169.254.169.254'],
  [http('169.254.170.2'), '169.254.170.2'],
  [http('127.0.0.1', 9001), '127.0.0.1:9002'],
  [http('2130706433'), '127.0.0.1'],
  [http('::ffff:127.0.0.1'), '127.0.0.1'],
] as const)('no socket is opened to %j when the list is %j', (origin, list) => {
  const { agent, warm } = pool(origin, list);
  const asked: RequestOptions = { host: origin.hostname, port: origin.port };

  expect(() => agent.createConnection(asked, () => {})).toThrow(refusal(origin.hostname));
  expect(warm).toThrow(refusal(origin.hostname));
});

test.each([
  ['another host', { host: '169.254.169.254', port: 443 }],
  ['another port', { host: functionUrlHost, port: 8443 }],
  ['no host', { port: 443 }],
])("a pool opens no socket to %s than its upstream's", (_, asked) => {
  const { agent } = pool(https(functionUrlHost));

  expect(codeThrownBy(() => agent.createConnection(asked, () => {}))).toBe('INTERNAL');
});
