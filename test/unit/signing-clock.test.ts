import { createSigningClock } from '../../functions/proxy/sign/signing-clock.ts';

const wallMs = Date.UTC(2026, 10, 20, 12);
const minute = 60_000;

function create(startMs = wallMs) {
  let wall = startMs;
  const clock = createSigningClock(() => wall);
  return {
    clock,
    passMs: (ms: number) => {
      wall += ms;
    },
  };
}

test('it is the wall clock until an upstream says otherwise', () => {
  const { clock, passMs } = create();
  passMs(5);
  expect(clock.now()).toBe(wallMs + 5);
});

test.each([
  ['ahead', 10 * minute],
  ['behind', -10 * minute],
  ['as little as four minutes ahead', 4 * minute],
])('an upstream that is %s is followed from then on', (_, skewMs) => {
  const { clock, passMs } = create();

  expect(clock.correct(wallMs + skewMs)).toBe(true);

  passMs(1000);
  expect(clock.now()).toBe(wallMs + skewMs + 1000);
});

test('a difference of less than four minutes explains no rejection', () => {
  const { clock } = create();

  expect(clock.correct(wallMs + 4 * minute - 1)).toBe(false);

  expect(clock.now()).toBe(wallMs);
});

test('an upstream that does not tell the time changes nothing', () => {
  const { clock } = create();

  expect(clock.correct(Number.NaN)).toBe(false);

  expect(clock.now()).toBe(wallMs);
});

test('what was corrected is not corrected again by the same time, and can be taken back', () => {
  const { clock } = create();
  clock.correct(wallMs + 10 * minute);

  expect(clock.correct(wallMs + 10 * minute)).toBe(false);
  expect(clock.correct(wallMs)).toBe(true);

  expect(clock.now()).toBe(wallMs);
});

test.each([
  ['a day ahead', 24 * 60 * minute, true],
  ['a day behind', -24 * 60 * minute, true],
  ['more than a day ahead', 24 * 60 * minute + 1, false],
  ['more than a day behind', -24 * 60 * minute - 1, false],
])('an upstream that is %s is believed: %s ms, %s', (_, skewMs, isBelieved) => {
  const { clock } = create();

  expect(clock.correct(wallMs + skewMs)).toBe(isBelieved);

  expect(clock.now()).toBe(isBelieved ? wallMs + skewMs : wallMs);
});

test('a clock that was corrected is still held to a day of the wall clock', () => {
  const { clock } = create();
  clock.correct(wallMs + 23 * 60 * minute);

  expect(clock.correct(wallMs + 25 * 60 * minute)).toBe(false);
});

test('after it was taken back, the clock is the wall clock', () => {
  const clock = createSigningClock(() => 1_000_000);
  clock.correct(1_600_000);
  clock.reset();

  expect(clock.now()).toBe(1_000_000);
});
