/** Reads Parameter Store. */
import { ProxyError } from '../http/errors.ts';
import type { Clock } from '../http/time.ts';
import { createAwsCall } from '../send/aws-json.ts';
import { retryAfterThaw } from '../send/thaw.ts';
import type { CredentialsProvider } from '../sign/provider.ts';
import { createNamedReader, isRefused } from './named-reader.ts';
import { type Pacing, retryThrottled } from './throttling.ts';

/** A parameter of Parameter Store, decrypted. `name` is absolute. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** Counts from 1 again for a parameter that was deleted and created anew. */
  readonly version: number;
  /** When this version was written, in epoch ms; undefined where Parameter Store does not say. */
  readonly modifiedMs?: number | undefined;
}

/** A parameter whose value cannot be had: its key may not be used. */
export type UnreadableParameter = Omit<Parameter, 'value'>;

/** Every reading method throws AwsServiceError, or ProxyError when the endpoint can't be reached. */
export interface ParameterReader {
  /** Everything below a path, decrypted; what cannot be decrypted is told and left out. */
  readTree(
    root: string,
    onUnreadable?: (parameter: UnreadableParameter) => void,
  ): Promise<Parameter[]>;
  /** All kept versions of a parameter (SSM keeps 100), newest first, decrypted. */
  readHistory(name: string): Promise<Parameter[]>;
  /** Up to ten parameters by absolute name. One that does not exist is missing in the map, one that may not be read an error. */
  readNamed(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

/** How Parameter Store is reached, and how throttled calls are paced. */
export interface ParameterReaderOptions {
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
  /** How a throttled call is made again. */
  readonly pacing: Pacing;
  /** Waited for before each page of a tree but the first. */
  readonly betweenPages?: () => Promise<void>;
}

type Input = Readonly<Record<string, unknown>>;

/** One operation of Parameter Store. */
export type ParameterCall = (operation: string, input: Input) => Promise<Record<string, unknown>>;

const callTimeoutMs = 2000;
/** They take 1.4 seconds at most. */
const namedTries = 4;
/** SSM's own limits of a page. */
const namesPerCall = 10;
const historyPageSize = 50;
/** As many parameters as an account can have (100,000). */
const maxPages = 10_000;

/**
 * Creates the reader of Parameter Store (Systems Manager API: `GetParametersByPath`, `GetParameterHistory`,
 * `GetParameters`). Its functions reject with AWS's error.
 */
export function createParameterReader(
  options: ParameterReaderOptions,
  callOnce = createCall(options),
): ParameterReader {
  const call = createParameterCall(options, callOnce);
  /** Other documents are waiting, and can do without these. */
  const callShortly: ParameterCall = (...input) =>
    retryThrottled(() => callOnce(...input), { maxTries: namedTries, ...options.pacing });
  /** A throttled first page loses no progress, so the caller decides when to ask again. */
  const readPage = (operation: string, { input, isFirst }: PageInput) =>
    (isFirst ? callOnce : call)(operation, input);
  const sealed = createNamedReader({
    now: options.now,
    readBatch: async (names) => {
      const found = await readBatch(call, names);
      return new Map(found.map((parameter) => [parameter.name, parameter]));
    },
  });
  return {
    async readTree(root, onUnreadable = () => {}) {
      const first = { Path: root, Recursive: true, WithDecryption: true, MaxResults: namesPerCall };
      const encrypted: Parameter[] = [];
      const parameters = await gatherPages(async (page) => {
        if (!page.isFirst) await options.betweenPages?.();
        try {
          return await readPage(byPath, page);
        } catch (error) {
          if (!isRefused(error)) throw error;
          const listed = await listPage(call, page.input, error);
          encrypted.push(...listed.sealed);
          return listed.answer;
        }
      }, first);
      if (encrypted.length === 0) return parameters;
      const { values, failure } = await sealed.readAll(encrypted.map(({ name }) => name));
      if (failure !== undefined) throw failure;
      for (const { name, version, modifiedMs } of encrypted) {
        const decrypted = values.get(name);
        if (decrypted) parameters.push(decrypted);
        else onUnreadable({ name, version, modifiedMs });
      }
      return parameters;
    },
    async readHistory(name) {
      const input = { Name: name, WithDecryption: true, MaxResults: historyPageSize };
      const versions = await gatherPages((page) => readPage('GetParameterHistory', page), input);
      return versions.sort((a, b) => b.version - a.version);
    },
    async readNamed(names) {
      if (names.length === 0) return new Map();
      const found = await readBatch(callShortly, names);
      return new Map(found.map(({ name, value }) => [name, value]));
    },
  };
}

/** @returns a function that makes a throttled call again */
export function createParameterCall(
  options: ParameterReaderOptions,
  callOnce = createCall(options),
): ParameterCall {
  return (...input) => retryThrottled(() => callOnce(...input), options.pacing);
}

async function readBatch(call: ParameterCall, names: readonly string[]): Promise<Parameter[]> {
  const answer = await call('GetParameters', { Names: names, WithDecryption: true });
  return toParameters(answer['Parameters']);
}

const byPath = 'GetParametersByPath';

/**
 * A page of which one key may not be used is refused as a whole. Undecrypted it says what is on it: texts as they are,
 * and the names of what is to be decrypted one by one.
 *
 * @throws `refusal` when that is refused as well: then it is the path that may not be read
 */
async function listPage(call: ParameterCall, input: Input, refusal: unknown) {
  const answer = await call(byPath, { ...input, WithDecryption: false }).catch((error: unknown) => {
    throw isRefused(error) ? refusal : error;
  });
  const items = Array.isArray(answer['Parameters']) ? (answer['Parameters'] as unknown[]) : [];
  const isSealed = (item: unknown) => Object(item).Type === 'SecureString';
  return {
    sealed: toParameters(items.filter(isSealed)),
    answer: { ...answer, Parameters: items.filter((item) => !isSealed(item)) },
  };
}

interface PageInput {
  readonly input: Input;
  readonly isFirst: boolean;
}

/** A page that fails is asked for again by its own token; the pages before it are kept. */
async function gatherPages(
  readPage: (page: PageInput) => Promise<Record<string, unknown>>,
  first: Input,
): Promise<Parameter[]> {
  const parameters: Parameter[] = [];
  let input = first;
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await readPage({ input, isFirst: page === 0 });
    parameters.push(...toParameters(answer['Parameters']));
    const token = answer['NextToken'];
    if (!token) return parameters;
    input = { ...first, NextToken: token };
  }
  throw new ProxyError('ROUTES_UNAVAILABLE', `more than ${maxPages} pages of parameters`);
}

function createCall({ now, ...options }: ParameterReaderOptions): ParameterCall {
  const target = { service: 'ssm', target: 'AmazonSSM', version: '1.1', poolSize: 2 } as const;
  const call = createAwsCall({ ...options, ...target, now });
  return (operation, input) =>
    retryAfterThaw(() => call(operation, input, callTimeoutMs), now, callTimeoutMs + 1000);
}

/** @throws ProxyError for what is no list of parameters */
export function toParameters(list: unknown): Parameter[] {
  if (!Array.isArray(list))
    throw new ProxyError('ROUTES_UNAVAILABLE', 'an answer without Parameters');
  return list.map((item: unknown) => {
    const { Name: name, Value: value, ...others } = (item ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw new ProxyError('ROUTES_UNAVAILABLE', 'a parameter without Name and Value');
    }
    const { Version: version, LastModifiedDate: seconds } = others;
    const modifiedMs = typeof seconds === 'number' ? Math.round(seconds * 1000) : undefined;
    return { name, value, version: Number(version ?? 0), modifiedMs };
  });
}
