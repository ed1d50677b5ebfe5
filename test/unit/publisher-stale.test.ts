/** Whether a reading is older than the event that told of the change. */
import { isStale } from '../../functions/publisher/stale.ts';
import { parseTask } from '../../functions/publisher/task.ts';

const root = '/countersign/prod';
const name = `${root}/routes/a`;
const second = (seconds: number) => Date.UTC(2026, 4, 22, 16, 43, seconds);
const update = (seconds: number) => ({ name, isDeletion: false, timeMs: second(seconds) });
const deletion = (seconds: number) => ({ name, isDeletion: true, timeMs: second(seconds) });

test.each<
  [what: string, changes: Parameters<typeof isStale>[0], readMs: number | undefined, is: boolean]
>([
  ['the version that the event told of', [update(10)], second(10) + 400, false],
  ['a version written a second before the event', [update(10)], second(9), false],
  ['a newer version', [update(10)], second(30), false],
  ['an older version', [update(10)], second(4), true],
  ['nothing where one was created', [update(10)], undefined, true],
  ['nothing after a deletion', [deletion(10)], undefined, false],
  ['what was deleted', [deletion(10)], second(10) + 200, true],
  ['what was made anew after a deletion', [deletion(10)], second(12), false],
  ['what was deleted last', [update(10), deletion(12)], second(10), true],
  ['what was made anew last', [deletion(10), update(12)], second(12), false],
  [
    'what was made anew in the second of the deletion',
    [deletion(10), update(10)],
    second(10),
    false,
  ],
  ['anything after an event without a time', [{ name, isDeletion: false }], second(1), false],
])('%s', (_, changes, readMs, is) => {
  expect(isStale(changes, readMs === undefined ? undefined : { modifiedMs: readMs })).toBe(is);
});

test('a message comes again twice at most', () => {
  const record = (count: unknown) => ({
    messageId: 'm',
    attributes: { ApproximateReceiveCount: count },
    body: JSON.stringify({
      source: 'aws.ssm',
      time: '2026-05-22T16:43:10Z',
      detail: { name, operation: 'Update' },
    }),
  });
  const ids = ['1', '2', '3', '4', undefined].map((count) => {
    const task = parseTask({ Records: [record(count)] }, root);
    return task.kind === 'changes' && task.changes[0]?.messageId;
  });
  expect(ids).toEqual(['m', 'm', undefined, undefined, undefined]);
});
