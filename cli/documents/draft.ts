/** Writes a text to a temporary file for an editor. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { CliError } from '../terminal/cli-error.ts';

/** A temporary file that an editor opens; only its owner can read it. */
export interface Draft {
  readonly file: string;
  /**
   * Starts the editor and waits until it ends.
   * @throws CliError USAGE if the editor fails
   */
  edit(): Promise<void>;
  read(): string;
  remove(): void;
}

/** Creates the file. Only its owner can read it, because it may contain secrets. */
export function createDraft(context: Context, id: string, text: string): Draft {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const file = join(folder, `${id.replaceAll('/', '_')}.json`);
  writeFileSync(file, `${text.trimEnd()}\n`, { mode: 0o600 });
  return {
    file,
    edit: () => openEditor(findEditor(context), file),
    read: () => readFileSync(file, 'utf8').trimEnd(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function findEditor(context: Context): string {
  return context.env('VISUAL') || context.env('EDITOR') || 'vi';
}

/** The editor is a command line (`code --wait`) that the shell parses. The file is passed as an argument. */
async function openEditor(editor: string, file: string): Promise<void> {
  const child = spawn('sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (status === 0) return;
  throw new CliError(
    'USAGE',
    `The editor ${editor} ended with status ${status}; nothing was written.`,
    {
      hint: 'Set $VISUAL or $EDITOR to another editor.',
    },
  );
}
