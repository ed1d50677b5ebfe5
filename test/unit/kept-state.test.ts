/** State that outlives an edit, and goes with the last document that has it. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keepState } from '../../functions/proxy/chain/kept-state.ts';
import type { Share } from '../../functions/proxy/chain/share.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('what nothing uses any more takes its key with it', async () => {
  const made: unknown[] = [];
  const share: Share = (_, create) => {
    made[0] ??= create();
    return made[0] as ReturnType<typeof create>;
  };
  const kept = () => (made[0] as { readonly kept: ReadonlyMap<string, unknown> }).kept;
  const used = keepState(share, ['used'], () => ({}));
  (() => keepState(share, ['unused'], () => ({})))();
  expect([...kept().keys()]).toEqual(['["used"]', '["unused"]']);

  for (let rounds = 0; kept().size > 1 && rounds < 100; rounds += 1) {
    await new Promise(setImmediate);
    collectGarbage();
  }
  expect([...kept().keys()]).toEqual(['["used"]']);
  expect(keepState(share, ['used'], () => ({}))).toBe(used);
});
