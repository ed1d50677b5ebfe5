/** Documents of a snapshot, compiled when they are first used, and kept while they stay the same. */
import { DocumentError, type DocumentIssue } from '../../documents/document-error.ts';
import { parseJson } from '../../documents/json.ts';
import type { ReferenceRules } from '../../documents/reference-rules.ts';
import type { Logger } from '../../log/log.ts';
import { toCountMetrics } from '../../log/metrics.ts';
import { loadPlugins, type PluginRegistry } from '../../plugins/registry.ts';
import type { Pool } from '../../send/connections.ts';
import { type CompiledDocument, compileDocument } from '../compile.ts';
import type { CompileContext } from '../prepare.ts';
import { toKind } from '../tree.ts';
import type { DocumentRecord } from './format.ts';
import type { Snapshot } from './read.ts';

/** What documents are compiled with. */
export interface CompiledDocumentsOptions {
  /** Without trailing slash. */
  readonly root: string;
  readonly rules: ReferenceRules;
  readonly registry: PluginRegistry;
  readonly compile: Pick<CompileContext, 'services' | 'requireAccessPlugin'>;
  readonly readVariable: (name: string) => string | undefined;
  readonly log: Logger;
}

/** The documents of a snapshot that are in use. */
export interface CompiledDocuments {
  /**
   * @param place of a document in the snapshot
   * @returns undefined for a document that cannot be built here, though the publisher accepted it; the log names it
   */
  get(snapshot: Snapshot, place: number): Promise<CompiledDocument | undefined>;
  /** Takes another snapshot's documents: of those in use the changed ones are compiled anew, the deleted ones dropped. */
  renew(snapshot: Snapshot): Promise<void>;
  /** Connections of all documents that were used. */
  pools(): ReadonlySet<Pool>;
}

interface Kept {
  readonly digest: string;
  readonly compiled: Promise<CompiledDocument | undefined>;
  /** Once it is there. */
  result: CompiledDocument | undefined;
}

/** How long documents may be compiled at a stretch while requests wait for their turn. */
const sliceMs = 4;

/** Creates an empty set. Documents that stay the same keep their state, such as counts of limits. */
export function createCompiledDocuments(options: CompiledDocumentsOptions): CompiledDocuments {
  const kept = new Map<string, Kept>();
  const compileAnew = (snapshot: Snapshot, place: number): Kept => {
    const record = snapshot.documentAt(place);
    const entry: Kept = {
      digest: snapshot.digestAt(place),
      compiled: compileRecord(record, options).then((compiled) => {
        entry.result = compiled;
        return compiled;
      }),
      result: undefined,
    };
    kept.set(record.parameter, entry);
    return entry;
  };
  const byPlace = new WeakMap<Snapshot, Map<number, Kept>>();
  return {
    get(snapshot, place) {
      const places = byPlace.get(snapshot) ?? new Map<number, Kept>();
      byPlace.set(snapshot, places);
      const entry = places.get(place) ?? find(snapshot, place) ?? compileAnew(snapshot, place);
      places.set(place, entry);
      return entry.compiled;
    },
    async renew(snapshot) {
      let beganMs = performance.now();
      for (const [parameter, { digest }] of [...kept]) {
        const place = snapshot.findDocument(parameter);
        if (place === undefined) kept.delete(parameter);
        else if (snapshot.digestAt(place) !== digest) {
          await compileAnew(snapshot, place).compiled;
          if (performance.now() - beganMs < sliceMs) continue;
          await new Promise(setImmediate);
          beganMs = performance.now();
        }
      }
    },
    pools: () => new Set([...kept.values()].flatMap(({ result }) => result?.pools ?? [])),
  };

  function find(snapshot: Snapshot, place: number): Kept | undefined {
    const entry = kept.get(snapshot.documentAt(place).parameter);
    return entry?.digest === snapshot.digestAt(place) ? entry : undefined;
  }
}

async function compileRecord(
  record: DocumentRecord,
  options: CompiledDocumentsOptions,
): Promise<CompiledDocument | undefined> {
  const { registry, compile, root } = options;
  const { parameter, text, version } = record;
  // Nothing is known but places or headers of a malformed version.
  if (version === 0) return undefined;
  try {
    const document = await parseJson(text);
    const plugins = await loadPlugins(document, registry);
    const references = toReferences(record, options);
    const kind = toKind(parameter, root) ?? 'route';
    const compiled = compileDocument(document, {
      ...compile,
      ...{ parameter, kind, references, plugins },
    });
    const missing = findUnexpected(record, compiled);
    if (missing.length > 0) report(record, missing, options);
    return compiled;
  } catch (error) {
    const issues = error instanceof DocumentError ? error.issues : [failure];
    if (!(error instanceof DocumentError)) {
      options.log.error('a document could not be compiled', { parameter, error });
    }
    report(record, issues, options);
    return undefined;
  }
}

/** The publisher has told of what it found missing. It leaves variables to the proxy. */
function findUnexpected(
  { routes, consumers = [] }: DocumentRecord,
  compiled: CompiledDocument,
): readonly DocumentIssue[] {
  const available = new Set(routes.flatMap(({ id, isAvailable }) => (isAvailable ? [id] : [])));
  const names = consumers.flatMap((own) => (own.isAvailable ? [own.username] : []));
  const accepted = [
    ...compiled.routes.filter(({ id }) => available.has(id)),
    ...compiled.consumers.filter(({ username }) => names.includes(username)),
  ];
  return accepted.flatMap(({ missing }) => missing ?? []);
}

const failure: DocumentIssue = {
  ...{ pointer: '', found: 'a document that the proxy fails on', expected: 'none' },
};

/** Secrets have been read by the publisher; variables are the proxy's own. */
function toReferences(
  { secrets = {} }: DocumentRecord,
  { rules, readVariable }: CompiledDocumentsOptions,
): CompileContext['references'] {
  const readSecret = (name: string) => (Object.hasOwn(secrets, name) ? secrets[name] : undefined);
  return { rules, readSecret, readVariable };
}

function report(
  { parameter, version }: DocumentRecord,
  issues: readonly DocumentIssue[],
  { log, root }: CompiledDocumentsOptions,
): void {
  log.error('a document cannot be fulfilled here, though the publisher accepted it', {
    event: 'invalid-document',
    ...{ parameter, version, fault: 'unfulfilled', inForce: null, issues, proxy: root },
    ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
  });
}
