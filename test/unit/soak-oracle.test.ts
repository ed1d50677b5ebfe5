/** The soak accepts a 503 of a route only where a history was not answered. */
import { createLedger, isBehindUnreadHistory, type Ledger, toNamedKey } from '../soak/ledger.ts';

const minute = 60_000;
const asked = { fromMs: 10 * minute, untilMs: 10 * minute + 5 };

/** A malformed document of `going` that names the path of `plain`, from minute 9 on. */
function toLedger(): Ledger {
  const ledger = createLedger();
  const value = 'plain';
  const state = { value, fromMs: 9 * minute, untilMs: Number.POSITIVE_INFINITY };
  ledger.states.set(toNamedKey('going'), [state]);
  ledger.storeFaults.push({ fromMs: 9 * minute, untilMs: 10 * minute });
  return ledger;
}

test.each<
  [
    what: string,
    history: { at: number; isRefused?: boolean } | undefined,
    routes: readonly string[],
  ]
>([
  ['a fault of the store without a history that was asked for', undefined, []],
  ['a history that was not answered: the paths that the document names', { at: -1000 }, ['plain']],
  [
    'a refused history: the paths that were in force as well',
    { at: -1000, isRefused: true },
    ['plain', 'going'],
  ],
  ['a history that was not answered long before', { at: -minute / 2 }, []],
  ['a history that was not answered afterwards', { at: 1000 }, []],
])('%s', (_, history, routes) => {
  const ledger = toLedger();
  if (history) {
    const { at, isRefused = false } = history;
    // No later reading was kept from succeeding.
    ledger.storeFaults.length = 0;
    ledger.unreadHistories.push({ route: 'going', atMs: asked.fromMs + at, isRefused });
  }

  const accepted = ['plain', 'going', 'keyed'].filter((route) =>
    isBehindUnreadHistory(ledger, route, asked),
  );

  expect(accepted).toEqual(routes);
});
