/** One document of a snapshot → its routes, consumers or shared objects. A proxy loads this code while it waits for its first snapshot. */
import { DocumentError, type DocumentIssue } from '../../documents/document-error.ts';
import { parseJson } from '../../documents/json.ts';
import type { ReferenceRules } from '../../documents/reference-rules.ts';
import type { Logger } from '../../log/log.ts';
import { toCountMetrics } from '../../log/metrics.ts';
import { plugins } from '../../plugins/registry.ts';
import { type CompiledDocument, compileDocument } from '../compile.ts';
import { parseKind } from '../kind.ts';
import { loadCode } from '../load-code.ts';
import type { CompileContext } from '../prepare.ts';
import { nothingShared } from '../shared/shared-object.ts';
import type { DocumentRecord } from './format.ts';
import type { LinkedObjects, readLinkedObjects, Surroundings } from './linked-objects.ts';

/** What documents are compiled with. */
export interface CompileRecordOptions {
  /** Without trailing slash. */
  readonly root: string;
  readonly rules: ReferenceRules;
  readonly compile: Pick<CompileContext, 'services' | 'requireAccessPlugin'>;
  readonly readVariable: (name: string) => string | undefined;
  readonly log: Logger;
}

/**
 * @returns undefined for a document that cannot be built here, though the publisher accepted it; the log names it
 */
export async function compileRecord(
  record: DocumentRecord,
  options: CompileRecordOptions,
  { find, hasGlobalRules }: Surroundings = { find: () => undefined, hasGlobalRules: false },
): Promise<CompiledDocument | undefined> {
  const { compile, root } = options;
  const { parameter, text, version, links } = record;
  // Nothing is known but places or headers of a malformed version.
  if (version === 0) return undefined;
  try {
    const document = await parseJson(text);
    const kind = parseKind(parameter, root);
    const { shared, records } = links ? await readLinks(record, root, find) : nothingLinked;
    const code = await loadCode(document, plugins, { kind, shared });
    const references = toReferences([...records, record], options);
    const compiled = compileDocument(document, {
      ...compile,
      requireAccessPlugin: compile.requireAccessPlugin && !hasGlobalRules,
      ...{ parameter, kind, references, shared, ...code },
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

const nothingLinked: LinkedObjects = { shared: nothingShared, records: [] };

async function readLinks(...input: Parameters<typeof readLinkedObjects>): Promise<LinkedObjects> {
  return (await import('./linked-objects.ts')).readLinkedObjects(...input);
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
  records: readonly DocumentRecord[],
  { rules, readVariable }: CompileRecordOptions,
): CompileContext['references'] {
  const values = new Map(records.flatMap(({ secrets = {} }) => Object.entries(secrets)));
  const readSecret = (name: string) => values.get(name);
  return { rules, readSecret, readVariable };
}

function report(
  { parameter, version }: DocumentRecord,
  issues: readonly DocumentIssue[],
  { log, root }: CompileRecordOptions,
): void {
  log.error('a document cannot be fulfilled here, though the publisher accepted it', {
    event: 'invalid-document',
    ...{ parameter, version, fault: 'unfulfilled', inForce: null, issues, proxy: root },
    ...toCountMetrics({ invalidDocuments: 1 }, ['proxy', 'parameter']),
  });
}
