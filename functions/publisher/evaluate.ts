/** Newest versions of documents → what is in force of them, found out by the proxy's own table loader. */
import type { Logger } from '../proxy/log/log.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import type { TableLoaderOptions } from '../proxy/routes/load-state.ts';
import { isRefused } from '../proxy/routes/named-reader.ts';
import { isOtherLife } from '../proxy/routes/other-life.ts';
import type { Parameter, ParameterReader } from '../proxy/routes/parameters.ts';
import { reportFindings } from '../proxy/routes/report.ts';
import type { RouteTable } from '../proxy/routes/route-table.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import { createTableLoader, type LoadResult } from '../proxy/routes/table.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import { type HeldObjects, readHeld } from './held-objects.ts';
import { selectNamed } from './secret-names.ts';
import {
  createSecretValues,
  type SecretValues,
  type SecretValuesOptions,
} from './secret-values.ts';
import type { DocumentNote, PublishedState } from './state.ts';
import { findLack, toNote, toRefusals } from './to-note.ts';
import { followAll, type RecordOptions, toRecord } from './to-record.ts';

/** What the newest versions of some documents come to. */
export interface Evaluation {
  /** By parameter; undefined for a document of which nothing is in force. */
  readonly records: ReadonlyMap<string, DocumentRecord | undefined>;
  readonly notes: ReadonlyMap<string, DocumentNote>;
  readonly accepted: readonly DocumentInForce[];
}

/** What documents are judged with. */
export interface EvaluateOptions
  extends Omit<TableLoaderOptions, 'log' | 'originSecret'>,
    SecretValuesOptions {
  readonly log: Logger;
}

/**
 * @param given the newest versions, of documents only
 * @throws AwsServiceError or ProxyError when something cannot be read now: what is said of the documents would be wrong
 */
export async function evaluate(
  given: readonly DocumentParameter[],
  state: PublishedState,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const held = await readHeld(given, state, options);
  const previous = await loadRecords(given, state, { ...options, held });
  const secrets = createSecretValues(given, state, options);
  for (const [name, value] of held.secrets) secrets.values.set(name, value);
  await secrets.add(given.flatMap(({ value }) => value ?? []));
  // What is in force may have to stay, and follows its secrets.
  await secrets.add(given.flatMap(({ name }) => state.records.get(name)?.text ?? []));
  let loaded = await loadNewest(given, previous, { ...options, secrets, held });
  // An older version that is to stand in may refer to secrets that the newest one does not name.
  if (await secrets.add(loaded.older))
    loaded = await loadNewest(given, previous, { ...options, secrets, held });
  return toEvaluation(given, loaded, { options, secrets, state });
}

/** What is in force of these documents, compiled as it was published. */
async function loadRecords(
  given: readonly DocumentParameter[],
  { records }: PublishedState,
  options: EvaluateOptions & { readonly held: HeldObjects },
): Promise<RouteTable> {
  const known = given.flatMap(({ name }) => records.get(name) ?? []);
  const own = known.flatMap(({ secrets = {} }) => Object.entries(secrets));
  const values = new Map([...options.held.secrets, ...own]);
  const documents = known.map(({ parameter: name, text: value, version }) => ({
    name,
    value,
    version,
  }));
  const reader = toReader(documents, values, async () => []);
  const load = createTableLoader({
    ...options,
    originSecret: undefined,
    isIndexed: false,
    heldShared: options.held.objects,
    reader,
  });
  return (await load(undefined)).table;
}

interface Loaded extends Pick<LoadResult, 'table' | 'invalid'> {
  /** Malformed documents whose history Parameter Store refuses to show. */
  readonly unread: ReadonlySet<string>;
  /** Texts of older versions that were looked at. */
  readonly older: readonly string[];
}

async function loadNewest(
  given: readonly DocumentParameter[],
  previous: RouteTable,
  options: EvaluateOptions & { readonly secrets: SecretValues; readonly held: HeldObjects },
): Promise<Loaded> {
  const { secrets, reader, log, root } = options;
  const older: string[] = [];
  const load = createTableLoader({
    ...options,
    originSecret: undefined,
    isIndexed: false,
    heldSecrets: secrets.held,
    heldShared: options.held.objects,
    reader: toReader(given, secrets.values, async (name) => {
      const history = await reader.readHistory(name);
      older.push(...history.map(({ value }) => value));
      return history;
    }),
  });
  const result = await load(previous);
  const { table, invalid, unreadHistories, failures, unreadable } = result;
  // The loader does without a history that cannot be read now; what would be published then may be wrong.
  for (const { error } of unreadHistories) if (!isRefused(error)) throw error;
  const news = { ...result, invalid: [], warnings: [], conflicts: [], orphans: [] };
  if (unreadHistories.length + failures.length + unreadable.length > 0) {
    reportFindings(news, undefined, { log, root });
  }
  const unread = new Set(unreadHistories.map(({ parameter }) => parameter));
  return { table, invalid, older, unread };
}

function toReader(
  documents: readonly DocumentParameter[],
  secrets: ReadonlyMap<string, string>,
  readHistory: (name: string) => Promise<readonly Parameter[]>,
): ParameterReader {
  return {
    async readTree(root, onUnreadable = () => {}) {
      const readable: Parameter[] = [];
      for (const document of documents) {
        if (document.value === undefined) onUnreadable(document);
        else readable.push(document);
      }
      const inside = [...secrets].filter(([name]) => name.startsWith(`${root}/`));
      return [...readable, ...inside.map(([name, value]) => ({ name, value, version: 1 }))];
    },
    readHistory: async (name) => [...(await readHistory(name))],
    readNamed: async (names) => selectNamed(secrets, names),
  };
}

interface EvaluationContext {
  readonly options: EvaluateOptions;
  readonly secrets: SecretValues;
  readonly state: PublishedState;
}

function toEvaluation(
  given: readonly DocumentParameter[],
  loaded: Loaded,
  context: EvaluationContext,
): Evaluation {
  const records = new Map<string, DocumentRecord | undefined>();
  const notes = new Map<string, DocumentNote>();
  const accepted: DocumentInForce[] = [];
  for (const parameter of given) {
    const { name } = parameter;
    const { record, note, document } = toOutcome(parameter, loaded, context);
    records.set(name, record);
    notes.set(name, note);
    if (document && !note.refused) accepted.push(document);
  }
  return { records, notes, accepted };
}

interface DocumentOutcome {
  readonly record: DocumentRecord | undefined;
  readonly note: DocumentNote;
  readonly document?: DocumentInForce | undefined;
}

function toOutcome(
  parameter: DocumentParameter,
  { table, invalid, unread }: Loaded,
  { options: { rules }, secrets, state }: EvaluationContext,
): DocumentOutcome {
  const { name, value } = parameter;
  const isSameLife = !isOtherLife(parameter, state.notes.get(name));
  const published = isSameLife ? state.records.get(name) : undefined;
  const refusals = toRefusals(parameter, invalid, published);
  const document = table.documents.get(name);
  const readLinkedText = (other: string) =>
    table.documents.get(other)?.text ?? state.records.get(other)?.text;
  const own = { rules, secrets: secrets.values, readLinkedText };
  if (value === undefined) {
    // Of what cannot be read nothing is known: what was published stays in force, and what was withheld stays withheld.
    const record = published ? followAll(published, document, own) : toBarrierRecord(document, own);
    return {
      record,
      note: toNote(parameter, { refused: refusals.at(-1), record }, { rules, secrets }),
    };
  }
  const isStandIn = refusals.some(({ fault }) => fault === 'malformed');
  const recorded = document && toRecord(document, { ...own, isStandIn });
  const refused = isStandIn || !recorded ? refusals.at(-1) : findLack(recorded.completed);
  const record = recorded?.record;
  const note = toNote(parameter, { refused, record }, { rules, secrets });
  // What has been seen in part is looked at again by the next comparison of everything.
  const seen = unread.has(name) ? { ...note, textDigest: undefined } : note;
  return { record, note: seen, document: recorded?.completed };
}

/** A global rule that cannot be read makes every request 503. */
function toBarrierRecord(
  document: DocumentInForce | undefined,
  options: Omit<RecordOptions, 'isStandIn'>,
): DocumentRecord | undefined {
  if (!document?.shared) return undefined;
  return toRecord(document, { ...options, isStandIn: true }).record;
}
