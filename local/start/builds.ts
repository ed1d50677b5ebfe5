/**
 * Builds the functions for `npm run dev` into a temporary folder, at the start and after each change of their sources.
 */
import { execFile } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..', '..');
/** Editors write several files, or write one file in several steps. */
const GATHER_MS = 50;

/** Gets the results of builds. */
export interface BuildListener {
  /** @param folder folder of the build, with one folder for each function, as `dist/` */
  built(folder: string): void;
  /** @param reason output of the build; the last good build stays in use */
  failed(reason: string): void;
}

/** Builds that follow the sources. */
export interface Builds {
  /** Folder of the first build. */
  readonly folder: string;
  /** Reports each later build, including one for a change during the first build. */
  follow(listener: BuildListener): void;
  close(): Promise<void>;
}

/** Watches `functions/` and builds it once. Throws if this first build fails. */
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
        // Running functions may still load parts of the previous build.
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
  // Watch before the first build, so that a change during it is noticed.
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
