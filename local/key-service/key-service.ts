import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Fault, resetConnection, runWithFault, sendFaulty, takeFault } from '../faults.ts';
import { type Listening, type ListenOptions, listen, readBody } from '../http-server.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { KmsError } from './kms-error.ts';
import {
  type Input,
  type KeyState,
  type KmsOperation,
  type MasterKey,
  OPERATIONS,
  toArn,
} from './operations.ts';

/** A key service on this machine. */
export interface KeyServiceOptions extends ListenOptions {
  /** Ids of the existing keys. Their material is created at the start and lost at the end. */
  readonly keys: readonly string[];
  /**
   * Verifies the callers' signatures (service `kms`).
   * @default signatures are not verified
   */
  readonly verifier?: SigV4Verifier;
}

/** A call that was answered. */
export interface KeyServiceCall {
  /** Undefined for a call that the service does not know. */
  readonly operation: KmsOperation | undefined;
  /** The key's id in the input. */
  readonly keyId: string | undefined;
  readonly encryptionContext: unknown;
  /** The status, or `reset` if the connection was cut instead of an answer. */
  readonly status: number | 'reset';
  /** KMS's code of an error. */
  readonly code?: string;
}

/** A key service that listens. */
export interface KeyService extends Listening {
  /** Calls in the order of their answers. */
  readonly calls: KeyServiceCall[];
  /** Faults of the next calls. A call without a valid signature removes no fault. */
  readonly faults: Fault[];
  /** Operations that the caller may not call. They answer AccessDeniedException. Tests may change the set. */
  readonly denied: Set<KmsOperation>;
  /** The ARN of a key. */
  arn(keyId: string): string;
  /** Disables a key, schedules its deletion, or enables it again. */
  setState(keyId: string, state: KeyState): void;
}

/** Starts an endpoint for AWS_ENDPOINT_URL_KMS, speaking KMS's JSON protocol. */
export async function startKeyService(options: KeyServiceOptions): Promise<KeyService> {
  const byId = new Map<string, MasterKey>(
    options.keys.map((id) => [
      id,
      { id, arn: toArn(id), material: randomBytes(32), state: 'Enabled' },
    ]),
  );
  const service: Service = {
    verifier: options.verifier,
    keys: { byId, denied: new Set<KmsOperation>() },
    calls: [],
    faults: [],
  };
  const server = createServer((request, response) => {
    serve(service, request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, options);
  return {
    ...listening,
    calls: service.calls,
    faults: service.faults,
    denied: service.keys.denied,
    arn: toArn,
    setState(keyId, state) {
      const key = byId.get(keyId);
      if (key === undefined) {
        throw new Error(`the key service has no key ${keyId}`);
      }
      key.state = state;
    },
  };
}

interface Service {
  readonly verifier: SigV4Verifier | undefined;
  readonly keys: { readonly byId: Map<string, MasterKey>; readonly denied: Set<KmsOperation> };
  readonly calls: KeyServiceCall[];
  readonly faults: Fault[];
}

interface Outcome {
  readonly status: number | 'reset';
  readonly body: string;
  readonly fault?: Fault | undefined;
  readonly code?: string;
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse) {
  const body = await readBody(request, 1024 * 1024);
  const operation = readOperation(request);
  const input = parseInput(body);
  const outcome = await answerCall(service, { request, body, operation, input }).catch(toFailure);
  const { status, fault, code } = outcome;
  const { KeyId: keyId, EncryptionContext: encryptionContext } = input ?? {};
  service.calls.push({
    operation,
    keyId: typeof keyId === 'string' ? keyId : undefined,
    encryptionContext,
    status,
    ...(code === undefined ? {} : { code }),
  });
  if (status === 'reset') {
    resetConnection(response);
    return;
  }
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amzn-requestid': randomUUID(),
    ...(code === undefined ? {} : { 'x-amzn-errortype': code }),
  };
  sendFaulty(response, { status, headers, body: Buffer.from(outcome.body) }, fault);
}

interface Received {
  readonly request: IncomingMessage;
  readonly body: Buffer | undefined;
  readonly operation: KmsOperation | undefined;
  readonly input: Input | undefined;
}

async function answerCall(service: Service, received: Received): Promise<Outcome> {
  const { request, body, operation, input } = received;
  const { method = '', url: target = '/', rawHeaders } = request;
  if (body === undefined) {
    throw new KmsError('RequestEntityTooLargeException', 'The request is too large.', 413);
  }
  const verification = service.verifier?.({ method, target, rawHeaders, body });
  if (verification?.ok === false) {
    return { status: verification.status, body: verification.body, code: verification.errorType };
  }
  if (method !== 'POST' || operation === undefined) {
    const message = `Unknown operation ${request.headers['x-amz-target'] ?? method}: this is a local key service.`;
    throw new KmsError('UnknownOperationException', message);
  }
  if (input === undefined) {
    throw new KmsError('SerializationException', 'The body is not a JSON object.');
  }
  const fault = takeFault(service.faults, operation);
  const answer = await runWithFault(
    fault,
    () => JSON.stringify(OPERATIONS[operation](service.keys, input)),
    ({ code, message, status }) => new KmsError(code, message, status),
  );
  return answer === 'reset' ? { status: answer, body: '' } : { status: 200, body: answer, fault };
}

function toFailure(error: unknown): Outcome {
  const { code, status, message } =
    error instanceof KmsError ? error : new KmsError('KMSInternalException', String(error));
  return { status, code, body: JSON.stringify({ __type: code, ...(message ? { message } : {}) }) };
}

function readOperation(request: IncomingMessage): KmsOperation | undefined {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.replace(/^TrentService\./, '');
  return target !== operation && Object.hasOwn(OPERATIONS, operation)
    ? (operation as KmsOperation)
    : undefined;
}

function parseInput(body: Buffer | undefined): Input | undefined {
  try {
    const input: unknown = JSON.parse(body?.toString('utf8') || '{}');
    const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
    return isObject ? (input as Input) : undefined;
  } catch {
    return undefined;
  }
}
