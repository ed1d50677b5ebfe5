import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { createProgress } from '../../cli/terminal/progress.ts';

function createTerminal(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

/** Runs until the line was shown, or ends at once. */
async function waitFor(isShown: () => boolean): Promise<string> {
  while (!isShown()) await setTimeout(20);
  return 'done';
}

it('is shown on a terminal after a second, and removed at the end', async () => {
  const { stream, text } = createTerminal(true);
  const { during } = createProgress(stream, false);
  const result = await during('Reading', () => waitFor(() => text().includes('Reading')));

  expect(result).toBe('done');
  expect(text()).toMatch(/Reading … \d+ s/);
  expect(text().endsWith('\r\u001b[K')).toBe(true);
});

it('is not shown for work that is done at once, and passes errors on', async () => {
  const { stream, text } = createTerminal(true);
  const { during } = createProgress(stream, false);

  await expect(during('Reading', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(text()).toBe('');
});

it.each([
  ['without a terminal', false, false],
  ['with --json', true, true],
])('is not shown %s', async (_, isTTY, isQuiet) => {
  const { stream, text } = createTerminal(isTTY);
  await createProgress(stream, isQuiet).during('Reading', () => setTimeout(1200));

  expect(text()).toBe('');
});
