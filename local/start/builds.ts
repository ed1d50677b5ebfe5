/** For `npm run dev`: builds the functions into a temporary folder, at once and after each change of their sources. */
import { execFile } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
/** Editors write several files, or one in several steps. */
const GATHER_MS = 50;

/** Who is told of a build. */
export interface BuildListener {
  /** @param folder one folder in it a function, as in `dist/` */
  built(folder: string): void;
  /** @param reason what the build printed; the last good build stays in use */
  failed(reason: string): void;
}

/** Builds that follow the sources. */
export interface Builds {
  /** Of the first build. */
  readonly folder: string;
  /** Tells of each later build, also of a change that was made during the first one. */
  follow(listener: BuildListener): void;
  close(): Promise<void>;
}

/** Watches `functions/` and builds it once; throws when this first build fails. */
export async function startBuilds(): Promise<Builds> {
  const parent = await mkdtemp(join(tmpdir(), 'countersign-dev-'));
  let count = 0;
  const buildNext = async () => {
    count += 1;
    const folder = join(parent, String(count));
    const script = ['--import', 'tsx', join('functions', 'build.ts'), folder];
    await promisify(execFile)(process.execPath, script, { cwd: root });
    return folder;
  };
  let isChanged = false;
  let listener: BuildListener | undefined;
  let building: Promise<void> | undefined;
  const rebuild = async (told: BuildListener) => {
    while (isChanged) {
      await setTimeout(GATHER_MS);
      isChanged = false;
      try {
        told.built(await buildNext());
        // Functions that run may still load a part of the build before.
        await rm(join(parent, String(count - 2)), { recursive: true, force: true });
      } catch (error) {
        told.failed(reasonOf(error));
      }
    }
  };
  const wake = () => {
    if (listener === undefined || !isChanged) return;
    building ??= rebuild(listener).finally(() => {
      building = undefined;
      wake();
    });
  };
  // Before the first build: a change during it is seen.
  const sources = watch(join(root, 'functions'), { recursive: true }, () => {
    isChanged = true;
    wake();
  });
  const close = async () => {
    sources.close();
    isChanged = false;
    await building;
    await rm(parent, { recursive: true, force: true });
  };
  try {
    const folder = await buildNext();
    const follow = (told: BuildListener) => {
      listener = told;
      wake();
    };
    return { folder, follow, close };
  } catch (error) {
    await close();
    throw new Error(reasonOf(error), { cause: error });
  }
}

function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return stderr?.trim() || message;
}
