/**
 * One object in S3, read and written under conditions
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html).
 */
import type { Turn } from '../http/background.ts';
import { ProxyError } from '../http/errors.ts';
import { findHeader } from '../http/headers.ts';
import type { HeaderList, ProxyResponse } from '../http/message.ts';
import { AwsServiceError } from './aws-json.ts';
import { gatherBody } from './gather.ts';
import {
  createSignedClient,
  readText,
  type SignedClient,
  type SignedClientOptions,
} from './signed-post.ts';

/** Where an object is, as `s3://<bucket>/<key>` says. */
export interface ObjectAddress {
  readonly bucket: string;
  /** Letters, digits and `_ . - /`: nothing that would have to be encoded. */
  readonly key: string;
}

/** Which object, where, and who reads it. */
export interface ObjectStoreOptions
  extends Omit<SignedClientOptions, 'endpoint' | 'service' | 'poolSize'> {
  readonly address: ObjectAddress;
  /** URL of a stand-in or a VPC endpoint, which has the bucket in its paths; undefined for the bucket's own host. */
  readonly endpoint: URL | undefined;
  /** Suffix of the region's hosts, such as `amazonaws.com`. */
  readonly dnsSuffix: string;
}

/** An object as it was read. */
export interface StoredObject {
  readonly bytes: Buffer;
  /** As S3 wrote it, quotes included. */
  readonly etag: string;
}

/** Reads one object. */
export interface ObjectReader {
  /**
   * @param knownEtag of what the caller has: S3 sends the object only when it is another one
   * @param turn awaited between chunks of the object. @default they are read as they come
   * @returns `same` when the caller has it, `missing` when there is no object
   * @throws AwsServiceError, or ProxyError when S3 can't be reached or the object is larger than 256 MB
   */
  read(knownEtag?: string, turn?: Turn): Promise<StoredObject | 'same' | 'missing'>;
}

/** Reads and replaces one object. */
export interface ObjectStore extends ObjectReader {
  /**
   * @param expectedEtag of the object that is replaced; undefined when there must be none
   * @returns the new ETag, or `lost` when another writer was faster
   * @throws AwsServiceError, or ProxyError when S3 can't be reached
   */
  write(bytes: Buffer, expectedEtag: string | undefined): Promise<string | 'lost'>;
  /** What time it is by S3's clock, to the second, in epoch ms; undefined before the first answer. */
  readonly serverTimeMs?: () => number | undefined;
}

const readTimeoutMs = 5000;
const writeTimeoutMs = 20_000;
/** A function of 1 GB can hold it, and no table comes near. */
const maxBytes = 256 * 1024 * 1024;

/** Creates the client of a proxy, which has no code that writes. It keeps two connections at most. */
export function createObjectReader(options: ObjectStoreOptions): ObjectReader {
  return toReader(connect(options));
}

/** Creates the client of a publisher. It keeps two connections at most. */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { send: sendOnce, path } = connect(options);
  let serverTimeMs: number | undefined;
  const send: SignedClient = async (...input) => {
    const response = await sendOnce(...input);
    const dateMs = Date.parse(findHeader(response.headers, 'date') ?? '');
    if (!Number.isNaN(dateMs)) serverTimeMs = dateMs;
    return response;
  };
  return {
    ...toReader({ send, path }),
    serverTimeMs: () => serverTimeMs,
    async write(bytes, expectedEtag) {
      const condition: HeaderList[number] =
        expectedEtag === undefined ? ['if-none-match', '*'] : ['if-match', expectedEtag];
      const headers: HeaderList = [condition, ['content-type', 'application/octet-stream']];
      const response = await send({ method: 'PUT', path, headers, body: bytes }, writeTimeoutMs);
      const { status } = response;
      if (status === 200) {
        await readText(response);
        return toEtag(response);
      }
      const error = await readError('PutObject', response);
      // 412: the condition does not hold. 409: another write came between. 404: what was to be replaced is gone.
      const isLost = status === 412 || status === 409 || error.type === 'NoSuchKey';
      if (isLost) return 'lost';
      throw error;
    },
  };
}

interface Connected {
  readonly send: SignedClient;
  readonly path: string;
}

function connect(options: ObjectStoreOptions): Connected {
  const { address, dnsSuffix, region, credentials, now } = options;
  const { endpoint, path } = locate(address, options.endpoint, `s3.${region}.${dnsSuffix}`);
  const send = createSignedClient({
    ...{ endpoint, region, credentials, now },
    ...{ service: 's3', poolSize: 2 },
  });
  return { send, path };
}

function toReader({ send, path }: Connected): ObjectReader {
  return {
    async read(knownEtag, turn) {
      const headers: HeaderList = knownEtag === undefined ? [] : [['if-none-match', knownEtag]];
      const request = { method: 'GET', path, headers, body: Buffer.alloc(0) } as const;
      const response = await send(request, readTimeoutMs);
      if (response.status === 200) {
        return { bytes: await gatherBody(response, maxBytes, turn), etag: toEtag(response) };
      }
      const error = await readError('GetObject', response);
      if (response.status === 304) return 'same';
      if (error.type === 'NoSuchKey') return 'missing';
      throw error;
    },
  };
}

function locate({ bucket, key }: ObjectAddress, given: URL | undefined, host: string) {
  if (!given) return { endpoint: new URL(`https://${bucket}.${host}/`), path: `/${key}` };
  return { endpoint: given, path: `${given.pathname.replace(/\/$/, '')}/${bucket}/${key}` };
}

function toEtag({ headers }: ProxyResponse): string {
  const etag = findHeader(headers, 'etag');
  if (etag === undefined)
    throw new ProxyError('ROUTES_UNAVAILABLE', 'an answer of S3 without ETag');
  return etag;
}

/** S3 names its errors in XML: `<Error><Code>…</Code><Message>…</Message>`. A 304 has no body. */
async function readError(operation: string, response: ProxyResponse): Promise<AwsServiceError> {
  const text = await readText(response);
  const code = readElement(text, 'Code') ?? `Status${response.status}`;
  const message = `${operation}: ${readElement(text, 'Message') ?? 'no message'}`;
  return new AwsServiceError(code, response.status, message);
}

function readElement(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  const end = start === -1 ? -1 : xml.indexOf(`</${name}>`, start);
  return end === -1 ? undefined : xml.slice(start + name.length + 2, end);
}
