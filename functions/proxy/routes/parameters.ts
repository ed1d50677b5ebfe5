/** Reads Parameter Store. */
import { ProxyError } from '../errors.ts';
import type { Clock } from '../types.ts';
import { AwsServiceError, createAwsCall } from '../upstream/aws-json.ts';
import type { CredentialsProvider } from '../upstream/credentials.ts';
import { isThrottled, type Pacing, retryThrottled } from './throttling.ts';

export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly version: number;
}

/** Every reading method throws AwsServiceError, or ProxyError when the endpoint can't be reached. */
export interface ParameterReader {
  /** Everything below a path, decrypted. */
  readTree(root: string): Promise<Parameter[]>;
  /** All kept versions of a parameter (SSM keeps 100), newest first, decrypted. */
  readHistory(name: string): Promise<Parameter[]>;
  /** Single parameters by absolute name; those that do not exist or may not be read are missing in the map. */
  readNamed(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface ParameterReaderOptions {
  readonly endpoint: URL;
  readonly region: string;
  readonly credentials: CredentialsProvider;
  readonly now: Clock;
  /** How a throttled call is made again. */
  readonly pacing: Pacing;
}

type Input = Readonly<Record<string, unknown>>;

type Call = (operation: string, input: Input) => Promise<Record<string, unknown>>;

const callTimeoutMs = 2000;
/** How often one call may be caught by a freeze before the reading is given up. */
const mostThaws = 5;
/** SSM's own limits of a page. */
const namesPerCall = 10;
const historyPageSize = 50;
/** As many parameters as an account can have (100,000). */
const mostPages = 10_000;

export function createParameterReader(options: ParameterReaderOptions): ParameterReader {
  const callOnce = createCall(options);
  const call: Call = (...input) => retryThrottled(() => callOnce(...input), options.pacing);
  /** Nothing is lost with a first page: whoever wants it knows better when to ask again. */
  const readPages = (operation: string, first: Input) =>
    gatherPages((input) => (input === first ? callOnce : call)(operation, input), first);
  return {
    readTree: (root) =>
      readPages('GetParametersByPath', {
        Path: root,
        Recursive: true,
        WithDecryption: true,
        MaxResults: namesPerCall,
      }),
    async readHistory(name) {
      const input = { Name: name, WithDecryption: true, MaxResults: historyPageSize };
      const versions = await readPages('GetParameterHistory', input);
      return versions.sort((a, b) => b.version - a.version);
    },
    async readNamed(names) {
      const found = new Map<string, string>();
      for (let start = 0; start < names.length; start += namesPerCall) {
        for (const { name, value } of await readBatch(
          call,
          names.slice(start, start + namesPerCall),
        )) {
          found.set(name, value);
        }
      }
      return found;
    },
  };
}

/** One name that the role may not read fails a whole batch; the others are read one by one then. */
async function readBatch(call: Call, names: readonly string[]): Promise<Parameter[]> {
  try {
    const answer = await call('GetParameters', { Names: names, WithDecryption: true });
    return toParameters(answer['Parameters']);
  } catch (error) {
    const isRefused = error instanceof AwsServiceError && error.status < 500 && !isThrottled(error);
    if (!isRefused) throw error;
    if (names.length === 1) return [];
    return (await Promise.all(names.map((name) => readBatch(call, [name])))).flat();
  }
}

/** A page that fails is asked for again by its own token; the pages before it are kept. */
async function gatherPages(
  readPage: (input: Input) => Promise<Record<string, unknown>>,
  first: Input,
): Promise<Parameter[]> {
  const parameters: Parameter[] = [];
  let input = first;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await readPage(input);
    parameters.push(...toParameters(answer['Parameters']));
    const token = answer['NextToken'];
    if (!token) return parameters;
    input = { ...first, NextToken: token };
  }
  throw new ProxyError('ROUTES_UNAVAILABLE', `more than ${mostPages} pages of parameters`);
}

function createCall({ now, ...options }: ParameterReaderOptions): Call {
  const target = { service: 'ssm', target: 'AmazonSSM', version: '1.1', poolSize: 2 } as const;
  const call = createAwsCall({ ...options, ...target, now });
  return (operation, input) => retryAfterThaw(() => call(operation, input, callTimeoutMs), now);
}

/**
 * A call that was under way when the environment froze is over when it thaws, by its timer or by its connection. It is
 * made again, or a tree of many pages would begin at the first one with each thaw and never be read to its end.
 */
async function retryAfterThaw<T>(send: () => Promise<T>, now: Clock): Promise<T> {
  for (let thaws = 0; ; thaws += 1) {
    const beganMs = now();
    try {
      return await send();
    } catch (error) {
      const wasFrozen = now() - beganMs > callTimeoutMs + 1000;
      if (!wasFrozen || thaws === mostThaws) throw error;
    }
  }
}

function toParameters(list: unknown): Parameter[] {
  if (!Array.isArray(list))
    throw new ProxyError('ROUTES_UNAVAILABLE', 'an answer without Parameters');
  return list.map((item: unknown) => {
    const { Name: name, Value: value, Version: version } = (item ?? {}) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof value !== 'string') {
      throw new ProxyError('ROUTES_UNAVAILABLE', 'a parameter without Name and Value');
    }
    return { name, value, version: Number(version ?? 0) };
  });
}
