/** A folder of documents → the local Parameter Store, at once and after each change of a file. */
import { type FSWatcher, watch } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Variables } from '../check/sources.ts';
import { type Context, createContext } from '../context.ts';
import type { Part } from '../documents/folders.ts';
import { readRelated } from '../documents/stored.ts';
import { toPlan, toPruning } from '../plan/plan.ts';
import { toWanted } from '../plan/put-folders.ts';
import { carryOut } from '../plan/run.ts';
import { writeParameter } from '../store/write.ts';
import { CliError, toCliError } from '../terminal/cli-error.ts';
import { findParts, findWatched, readPart } from './parts.ts';

/** Editors write several files, or one in several steps. */
const gatherMs = 50;

/** What is followed, and where it goes. */
export interface FollowOptions {
  readonly folder: string;
  readonly parameterStoreUrl: string;
  /** Variables of the proxy, which decide what is valid. */
  readonly env: Variables;
  /** Secrets by name, which documents refer to as `$secret://ssm/<name>`. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Puts the folder's documents and goes on watching it; returns after the first time. */
export async function followFolder(context: Context, options: FollowOptions): Promise<void> {
  const { folder } = options;
  const local = toLocalContext(context, options);
  const following = { context: local, variables: options.env, faults: new Map<string, string>() };
  await putSecrets(local, options.secrets);
  let isChanged = true;
  let putting: Promise<void> | undefined;
  const putAll = async () => {
    while (isChanged) {
      await setTimeout(gatherMs);
      isChanged = false;
      await putDocuments(following, folder);
    }
  };
  const wake = () => {
    putting ??= putAll().finally(() => {
      putting = undefined;
      if (isChanged) void wake();
    });
    return putting;
  };
  watchFolder(folder, () => {
    isChanged = true;
    void wake();
  });
  await wake();
}

/** Calls `onChange` after each change of a document, also in folders that are added or replaced later. */
function watchFolder(folder: string, onChange: () => void): void {
  let watchers: FSWatcher[] = [];
  const start = () => {
    for (const watcher of watchers) watcher.close();
    watchers = findWatched(folder).map(({ path, isRecursive }) =>
      watch(path, { recursive: isRecursive }, (event) => {
        // An entry was added or removed. A folder that is made anew has the same name, and its old watcher tells
        // nothing more.
        if (path === folder && event === 'rename') restart();
        onChange();
        // Windows reports a removed folder as an error. The folder above tells of it as well.
      }).on('error', () => {}),
    );
  };
  const restart = () => {
    try {
      start();
    } catch {
      // The folder itself is gone for now; putting its documents says so.
    }
  };
  start();
}

/** About the local stack, whatever the command line and the environment say of other proxies. */
function toLocalContext({ host }: Context, { parameterStoreUrl, env }: FollowOptions): Context {
  const { NO_COLOR, TERM } = host.env;
  return createContext({ ...host, env: { NO_COLOR, TERM, ...env } }, () => ({
    endpointUrl: parameterStoreUrl,
  }));
}

async function putSecrets(context: Context, secrets: FollowOptions['secrets']): Promise<void> {
  const folder = `${context.settings().root()}/secrets`;
  for (const [name, value] of Object.entries(secrets)) {
    const options = { readVersion: 0, type: 'SecureString', force: true } as const;
    await writeParameter(context.ssm(), `${folder}/${name}`, value, options);
  }
}

/** What each putting of the documents needs. */
interface Following {
  readonly context: Context;
  readonly variables: Variables;
  /**
   * What was printed last about documents, by their kind; '' for the folder. An editor writes a file in several steps, and
   * each of them is a change.
   */
  readonly faults: Map<string, string>;
}

function reportOnce({ context, faults }: Following, about: string, error: CliError): void {
  const text = `${error.message}\n${error.hint}`;
  if (faults.get(about) !== text) context.output().error(error);
  faults.set(about, text);
}

/** Never throws: what is wrong is printed, and may be right after the next change. */
async function putDocuments(following: Following, folder: string): Promise<void> {
  try {
    for (const part of findParts(folder)) await putPart(following, part);
    following.faults.delete('');
  } catch (error) {
    reportOnce(following, '', toCliError(error));
  }
}

async function putPart(following: Following, part: Part): Promise<void> {
  const { context, variables, faults } = following;
  const { kind } = part;
  try {
    const wanted = readPart(part).map(toWanted);
    const stored = await readRelated(context, [kind]);
    const old = stored.get(kind.name)?.documents ?? [];
    const changes = [...toPlan(kind, wanted, old), ...toPruning(kind, wanted, old)];
    if (!changes.every(({ action }) => action === 'keep')) {
      await carryOut(context, changes, { ask: false, force: true, stored, variables });
    }
    faults.delete(kind.name);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    // The other kind's documents are put all the same.
    reportOnce(following, kind.name, error);
  }
}
