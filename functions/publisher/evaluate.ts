/** Newest versions of documents → what is in force of them, found out by the proxy's own table loader. */
import { findSecrets } from '../proxy/documents/references.ts';
import type { Logger, LogLevel } from '../proxy/log/log.ts';
import type { DocumentInForce } from '../proxy/routes/in-force.ts';
import type { TableLoaderOptions } from '../proxy/routes/load-state.ts';
import { isRefused } from '../proxy/routes/named-reader.ts';
import type { Parameter, ParameterReader } from '../proxy/routes/parameters.ts';
import type { InvalidDocument } from '../proxy/routes/report.ts';
import type { RouteTable } from '../proxy/routes/route-table.ts';
import type { DocumentRecord } from '../proxy/routes/snapshot/format.ts';
import { createTableLoader } from '../proxy/routes/table.ts';
import type { DocumentParameter } from '../proxy/routes/tree.ts';
import { admitSecrets } from './secret-names.ts';
import { type DocumentNote, type PublishedState, toTextDigest } from './state.ts';
import { toRecord } from './to-record.ts';

/** What the newest versions of some documents come to. */
export interface Evaluation {
  /** By parameter; undefined for a document of which nothing is in force. */
  readonly records: ReadonlyMap<string, DocumentRecord | undefined>;
  readonly notes: ReadonlyMap<string, DocumentNote>;
  readonly accepted: readonly DocumentInForce[];
}

/** @returns the values of secrets by absolute name, as far as they can be read */
export type ReadSecrets = (names: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** What documents are judged with. */
export interface EvaluateOptions extends Omit<TableLoaderOptions, 'log' | 'originSecret'> {
  readonly readSecrets: ReadSecrets;
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
  const previous = await loadRecords(given, state, options);
  const secrets = createSecretValues(options);
  let loaded = await loadNewest(given, previous, { ...options, secrets });
  // An older version that is to stand in may refer to secrets that the newest one does not name.
  const older = loaded.histories.flatMap((history) => history.map(({ value }) => value));
  if (await secrets.add(older)) loaded = await loadNewest(given, previous, { ...options, secrets });
  return toEvaluation(given, loaded, { options, secrets });
}

interface SecretValues {
  readonly values: Map<string, string>;
  /** @returns whether there was anything new to read */
  add(texts: readonly string[]): Promise<boolean>;
}

function createSecretValues({ rules, readSecrets }: EvaluateOptions): SecretValues {
  const values = new Map<string, string>();
  const asked = new Set<string>();
  return {
    values,
    async add(texts) {
      const lists = texts.map((text) => [...new Set(findSecrets(text, rules))]);
      const more = admitSecrets(lists, rules.root).filter((name) => !asked.has(name));
      for (const name of more) asked.add(name);
      for (const [name, value] of await readSecrets(more)) values.set(name, value);
      return more.length > 0;
    },
  };
}

/** What is in force of these documents, compiled as it was published. */
async function loadRecords(
  given: readonly DocumentParameter[],
  { records }: PublishedState,
  options: EvaluateOptions,
): Promise<RouteTable> {
  const known = given.flatMap(({ name }) => records.get(name) ?? []);
  const values = new Map(known.flatMap(({ secrets = {} }) => Object.entries(secrets)));
  const documents = known.map(({ parameter: name, text: value, version }) => ({
    ...{ name, value, version },
  }));
  const reader = toReader(documents, values, async () => []);
  const { log } = createRecorder();
  return createTableLoader({ ...options, originSecret: undefined, reader, log })(undefined);
}

interface Loaded {
  readonly table: RouteTable;
  readonly refused: readonly InvalidDocument[];
  readonly histories: readonly (readonly Parameter[])[];
}

async function loadNewest(
  given: readonly DocumentParameter[],
  previous: RouteTable,
  options: EvaluateOptions & { readonly secrets: SecretValues },
): Promise<Loaded> {
  const { secrets, reader, log } = options;
  await secrets.add(given.flatMap(({ value }) => value ?? []));
  const recorder = createRecorder();
  const reading: Promise<readonly Parameter[]>[] = [];
  const readHistory = (name: string) => {
    const history = reader.readHistory(name);
    reading.push(history);
    return history;
  };
  const table = await createTableLoader({
    ...options,
    originSecret: undefined,
    reader: toReader(given, secrets.values, readHistory),
    log: recorder.log,
  })({ ...previous, sourceDigest: '' });
  // The loader does without a history that cannot be read now; what would be published then may be wrong.
  const histories = await Promise.all(reading.map(withoutRefusal));
  const unreadable = recorder.lines.filter(({ event }) => event === 'unreadable-document');
  for (const { message, fields } of unreadable) log.error(message, fields);
  const refused = recorder.lines
    .filter(({ event }) => event === 'invalid-document')
    .map(({ fields }) => toInvalidDocument(fields));
  return { table, refused, histories };
}

async function withoutRefusal(
  reading: Promise<readonly Parameter[]>,
): Promise<readonly Parameter[]> {
  try {
    return await reading;
  } catch (error) {
    if (isRefused(error)) return [];
    throw error;
  }
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
    readNamed: async (names) => new Map([...secrets].filter(([name]) => names.includes(name))),
  };
}

function toEvaluation(
  given: readonly DocumentParameter[],
  { table, refused }: Loaded,
  { options, secrets }: { readonly options: EvaluateOptions; readonly secrets: SecretValues },
): Evaluation {
  const { rules } = options;
  const records = new Map<string, DocumentRecord | undefined>();
  const notes = new Map<string, DocumentNote>();
  const accepted: DocumentInForce[] = [];
  for (const parameter of given) {
    const { name } = parameter;
    const document = table.documents.get(name);
    const recorded = document && toRecord(document, { rules, secrets: secrets.values });
    const refusal = refused.findLast((record) => record.parameter === name);
    const note = toNote(parameter, recorded?.deferred ? undefined : refusal, rules);
    records.set(name, recorded?.record);
    notes.set(name, note);
    if (document && !note.refused && parameter.value !== undefined) accepted.push(document);
  }
  return { records, notes, accepted };
}

function toNote(
  { version, value, modifiedMs }: DocumentParameter,
  refused: InvalidDocument | undefined,
  rules: EvaluateOptions['rules'],
): DocumentNote {
  return {
    ...{ version, modifiedMs },
    ...(value === undefined ? {} : { textDigest: toTextDigest(value) }),
    secrets: value === undefined ? [] : [...new Set(findSecrets(value, rules))].sort(),
    ...(refused ? { refused } : {}),
  };
}

/** The loader names an invalid document in its log, with all that there is to say. */
function toInvalidDocument(fields: Readonly<Record<string, unknown>>): InvalidDocument {
  const { parameter, version, fault, inForce, lastValid, issues, ...others } =
    fields as unknown as InvalidDocument;
  const { unavailableRoutes, unavailableConsumers, withheld } = others;
  return {
    ...{ parameter, version, fault, inForce, lastValid, issues },
    ...{ unavailableRoutes, unavailableConsumers, withheld },
  };
}

interface RecordedLine {
  readonly message: string;
  readonly event: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

function createRecorder(): { readonly lines: readonly RecordedLine[]; readonly log: Logger } {
  const lines: RecordedLine[] = [];
  const record = (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
    lines.push({ message, event: fields['event'], fields });
  };
  const isEnabled = (level: LogLevel) => level === 'error';
  const log = { debug: record, info: record, warn: record, error: record, always: record };
  return { lines, log: { ...log, isEnabled } };
}
