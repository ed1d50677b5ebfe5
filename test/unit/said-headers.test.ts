/** Which headers plugins may believe. */
import { isSaidByPlugins, readSaidHeader } from '../../functions/proxy/chain/said-headers.ts';
import { toExchange, toRequest } from '../support/builders.ts';

const headers = {
  'x-user': 'client',
  'x-original': 'client',
  'x-real-ip': 'client',
  'x-forwarded-proto': 'client',
  'x-consumer-username': 'client',
  'x-other': 'client',
};
const exchange = toExchange({
  request: toRequest({ headers, host: 'own.example', clientIp: '192.0.2.9' }),
  identity: new Map<string, string | undefined>([
    ['x_consumer', 'ann'],
    ['x-empty', undefined],
  ]),
  reserved: new Set(['x-user']),
  carriers: new Set(['x-original']),
});

test.each([
  ['x-consumer', 'ann', true],
  ['x-empty', undefined, true],
  ['x-user', undefined, true],
  ['x-original', undefined, true],
  ['x-consumer-username', undefined, true],
  ['x-forwarded-host', 'own.example', false],
  ['x-forwarded-proto', 'https', false],
  ['x-real-ip', '192.0.2.9', false],
  ['x-other', 'client', false],
  ['x-missing', undefined, false],
])('%s is %j, and said by plugins alone: %s', (name, value, isOfPlugins) => {
  expect(readSaidHeader(exchange, name)).toBe(value);
  expect(isSaidByPlugins(exchange, name)).toBe(isOfPlugins);
});
