/** The five commands of docs/first-hour.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '..', '..', 'docs', 'first-hour.md');

/** The commands in their order. */
export interface FirstHour {
  readonly init: string;
  readonly install: string;
  readonly bootstrap: string;
  readonly deploy: string;
  readonly call: string;
}

/**
 * Reads them from the page: each block of `sh` is one command.
 * @param tarball the file's name. The page names that of some version
 */
export function readFirstHour(tarball: string): FirstHour {
  const text = readFileSync(page, 'utf8').replaceAll(/countersign-[\d.]+\.tgz/g, tarball);
  const blocks = [...text.matchAll(/^```sh\n(.*)\n```$/gm)].map(([, command = '']) => command);
  const [init = '', install = '', bootstrap = '', deploy = '', call = '', ...others] = blocks;
  if (call === '' || others.length > 0 || /^```sh\n.*\n[^`]/m.test(text)) {
    throw new Error(`docs/first-hour.md has ${blocks.length} commands; expected five of one line`);
  }
  return { init, install, bootstrap, deploy, call };
}

/** What the page shows below the last command: what the call prints. */
export function readFirstAnswer(): string {
  const [, answer = ''] = /^```\n\S+ (200 OK[\s\S]*?)```$/m.exec(readFileSync(page, 'utf8')) ?? [];
  return answer;
}
