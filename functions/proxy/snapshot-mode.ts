/** Part of the composition root: the table that is read from a snapshot in S3. */
import type { Config, SnapshotSettings } from './config.ts';
import type { Background } from './http/background.ts';
import type { CompileRecordOptions } from './routes/snapshot/compile-record.ts';
import { createCompiledDocuments } from './routes/snapshot/compiled-documents.ts';
import { createSnapshotLoader } from './routes/snapshot/load.ts';
import type { SnapshotTable } from './routes/snapshot/snapshot-table.ts';
import { createObjectReader } from './send/object-store.ts';
import type { CredentialsProvider } from './sign/provider.ts';
import { createSnapshotStorage } from './snapshot-storage.ts';

/** What snapshot mode shares with the rest of the composition root. */
export interface SnapshotModeOptions extends Pick<CompileRecordOptions, 'compile' | 'log'> {
  readonly config: Config;
  readonly settings: SnapshotSettings;
  readonly credentials: CredentialsProvider;
  readonly background: Background;
}

/** @returns a function that reads the table once; see {@link createSnapshotLoader} */
export function createSnapshotMode(
  options: SnapshotModeOptions,
): (previous: SnapshotTable | undefined) => Promise<SnapshotTable> {
  const { config, settings, credentials, compile, log, background } = options;
  const { rules, readVariable, parameterPath: root } = config;
  const recordOptions = { root, rules, compile, readVariable, log };
  const load = createSnapshotLoader({
    ...{ root, now: () => Date.now(), uri: settings.uri, background },
    ...createSnapshotStorage(config, settings, { credentials, open: createObjectReader }),
    documents: createCompiledDocuments(async (record, surroundings) => {
      const { compileRecord } = await loadCompiler();
      return compileRecord(record, recordOptions, surroundings);
    }),
    hasOriginSecret: config.originSecret !== undefined,
    requireAccessPlugin: compile.requireAccessPlugin,
  });
  return async (previous) => {
    const loading = load(previous);
    // Its code is read and evaluated while S3 answers.
    const [table] = await Promise.all([loading, loadCompiler()]);
    return table;
  };
}

function loadCompiler() {
  return import('./routes/snapshot/compile-record.ts');
}
