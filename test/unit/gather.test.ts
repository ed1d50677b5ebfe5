/** Bodies that are read whole beside requests: one chunk a turn, each to its place. */
import { gatherBody } from '../../functions/proxy/send/gather.ts';
import { rejectionOf } from '../support/builders.ts';

const chunks = ['first', 'second', 'third'];
const joined = chunks.join('');

/** @returns a body, and how many of its chunks were asked for at each turn */
function createRig(headers: readonly (readonly [string, string])[] = []) {
  let asked = 0;
  const atTurns: number[] = [];
  async function* read(): AsyncGenerator<Buffer, undefined> {
    for (const chunk of chunks) {
      asked += 1;
      yield Buffer.from(chunk);
    }
    return undefined;
  }
  const turn = async () => void atTurns.push(asked);
  const gather = (maxBytes = 1000) => gatherBody({ body: read(), headers }, maxBytes, turn);
  return { gather, atTurns };
}

test.each<[what: string, headers: readonly (readonly [string, string])[]]>([
  ['of a known length', [['content-length', String(joined.length)]]],
  ['of an unknown length', []],
  ['whose length is no number', [['content-length', 'x']]],
])('a body %s is read one chunk a turn', async (_, headers) => {
  const { gather, atTurns } = createRig(headers);

  expect((await gather()).toString()).toBe(joined);
  expect(atTurns).toEqual([1, 2, 3]);
});

test('a body of a known length is in one piece from the beginning', async () => {
  const { gather } = createRig([['content-length', String(joined.length)]]);

  expect((await gather()).buffer.byteLength).toBe(joined.length);
  const most = createRig([['content-length', String(joined.length)]]);
  expect((await most.gather(joined.length)).buffer.byteLength).toBe(joined.length);
});

test('a body that is shorter than its length has only what has come', async () => {
  const { gather } = createRig([['content-length', '500']]);

  expect((await gather()).toString()).toBe(joined);
});

test.each([[[]], [[['content-length', String(joined.length)] as const]]])(
  'a body of too many bytes is not read to its end: %j',
  async (headers) => {
    const { gather, atTurns } = createRig(headers);

    expect(String(await rejectionOf(gather(12)))).toContain('more than 12 bytes');
    expect(atTurns.length).toBeLessThan(3);
  },
);

test('a body that is there already takes no turn', async () => {
  const body = Buffer.from(joined);
  const turn = async () => {
    throw new Error('a turn');
  };

  expect(await gatherBody({ body, headers: [] }, 1000, turn)).toBe(body);
});

test('a body of one chunk that takes no turn is that chunk', async () => {
  const chunk = Buffer.from(joined);
  async function* body() {
    yield chunk;
  }

  const headers = [['content-length', String(joined.length)] as const];

  expect(await gatherBody({ body: body(), headers })).toBe(chunk);
});
