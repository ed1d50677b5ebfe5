import { ProxyError } from '../../../functions/proxy/http/errors.ts';
import { faultInjection } from '../../../functions/proxy/plugins/transformation/fault-injection.ts';
import {
  headersOf,
  rejectionOf,
  thrownBy,
  toExchange,
  toRequest,
  toResponse,
  toServices,
} from '../../support/builders.ts';
import { preparePlugin, runPlugin, verdictOf } from '../../support/plugin-rig.ts';

const jack = [[['arg_name', '==', 'jack']]];

describe('abort', () => {
  it('answers with status, headers and body, their variables filled in', async () => {
    const abort = {
      http_status: 404,
      body: 'client $remote_addr\n',
      headers: { 'X-APISIX-Remote-Addr': '$remote_addr', 'X-Count': 7 },
    };
    const { response, passed } = await runPlugin(faultInjection, { abort });

    expect(passed).toBeUndefined();
    expect(response).toEqual({
      status: 404,
      headers: [
        ['content-type', 'text/plain; charset=utf-8'],
        ['x-apisix-remote-addr', '192.0.2.7'],
        ['x-count', '7'],
      ],
      body: Buffer.from('client 192.0.2.7\n'),
    });
  });

  it('answers with an empty text of one type where the document says no more', async () => {
    const typed = { 'X-A': '1', 'Content-Type': 'text/html', 'X-B': '2' };
    const [plain, html] = await Promise.all(
      [{ http_status: 200 }, { http_status: 200, headers: typed }].map((abort) =>
        runPlugin(faultInjection, { abort }),
      ),
    );

    expect([String(plain?.response?.body), plain?.response?.headers]).toEqual([
      ...['', [['content-type', 'text/plain; charset=utf-8']]],
    ]);
    expect(headersOf(html?.response?.headers ?? [], 'content-type')).toEqual(['text/html']);
  });

  it('a line break in a variable does not begin a header', async () => {
    const abort = { http_status: 200, headers: { 'X-Name': '$arg_name' } };
    const { response } = await runPlugin(
      faultInjection,
      { abort },
      { request: { query: 'name=a%0D%0Ab:%20c' } },
    );

    expect(response?.headers).toContainEqual(['x-name', 'a  b: c']);
  });

  // The rig's random number is 0.5.
  test.each([
    [{ percentage: 0 }, '', 'passed'],
    [{ percentage: 50 }, '', 'passed'],
    [{ percentage: 51 }, '', 'answered'],
    [{ percentage: 100 }, '', 'answered'],
    [{ vars: jack }, 'name=jack', 'answered'],
    [{ vars: jack }, 'name=allen', 'passed'],
    [{ vars: jack, percentage: 10 }, 'name=jack', 'passed'],
    [{ vars: [...jack, [['arg_age', '>', 17]]] }, 'age=18', 'answered'],
    [
      {
        vars: [
          [
            ['arg_name', '==', 'jack'],
            ['arg_age', '==', 18],
          ],
        ],
      },
      'name=jack',
      'passed',
    ],
    [{ vars: [] }, '', 'passed'],
  ])('with %j and the query %j: %s', async (chance, query, expected) => {
    const config = { abort: { http_status: 403, ...chance } };

    expect(await verdictOf(faultInjection, config, { request: { query } })).toBe(expected);
  });
});

describe('delay', () => {
  async function run(config: unknown, deadlineMs = Number.MAX_SAFE_INTEGER) {
    const slept: number[] = [];
    const services = { ...toServices({ nowMs: 0 }), sleep: async (ms: number) => slept.push(ms) };
    const context = { pointer: '/plugins/it', written: config };
    const { middleware } = faultInjection.prepare(config, services, context);
    const exchange = toExchange({ deadlineMs, request: toRequest() });
    let isPassed = false;
    const error = await middleware(exchange, async () => {
      isPassed = true;
      return toResponse();
    }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { slept, error, isPassed };
  }

  it('waits, and then goes on', async () => {
    expect(await run({ delay: { duration: 1.5 } })).toEqual({
      ...{ slept: [1500], error: undefined, isPassed: true },
    });
  });

  it('waits in front of an abort', async () => {
    const { slept } = await run({ delay: { duration: 2 }, abort: { http_status: 500 } });

    expect(slept).toEqual([2000]);
  });

  it('does not wait where no condition holds', async () => {
    expect((await run({ delay: { duration: 2, vars: jack } })).slept).toEqual([]);
  });

  it('ends at the deadline with a timeout', async () => {
    const { slept, error } = await run({ delay: { duration: 60 } }, 1000);

    expect(slept).toEqual([1000]);
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
  });
});

test.each([
  [{}, 'abort, delay or both'],
  [{ abort: {} }, 'http_status'],
  [{ abort: { http_status: 100 } }, '200'],
  [{ abort: { http_status: 200, percentage: 101 } }, '100'],
  [{ abort: { http_status: 200, vars: [[['no_such', '==', 1]]] } }, '/plugins/it/abort/vars/0/0/0'],
  [{ abort: { http_status: 200, body: '$no_such' } }, 'at /plugins/it/abort/body'],
  [{ abort: { http_status: 200, headers: { A: '$no_such' } } }, 'at /plugins/it/abort/headers/A'],
  [{ abort: { http_status: 200, headers: { Connection: 'x' } } }, 'abort/headers/Connection'],
  [{ delay: { duration: 1, vars: [[['no_such', '==', 1]]] } }, '/plugins/it/delay/vars/0/0/0'],
  [{ abort: { http_status: 200, headers: { 'Countersign-Error': 'x' } } }, 'a header name'],
  [{ delay: {} }, 'duration'],
  [{ delay: { duration: -1 } }, 'seconds'],
])('%j is refused', (config, words) => {
  expect(String(thrownBy(() => preparePlugin(faultInjection, config)))).toContain(words);
});

test('a condition refuses a parameter that occurs twice', async () => {
  const { middleware } = preparePlugin(faultInjection, { abort: { http_status: 403, vars: jack } });
  const exchange = toExchange({ request: toRequest({ query: 'name=jack&name=allen' }) });

  expect(await rejectionOf(middleware(exchange, async () => toResponse()))).toMatchObject({
    code: 'MALFORMED_REQUEST',
  });
});
