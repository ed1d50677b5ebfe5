import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Listening, type ListenOptions, listen, readBody, sendJson } from '../http-server.ts';
import type { LogGroup } from '../logs/log-group.ts';
import { isForOwnHost } from '../own-host.ts';
import type { SigV4Verifier } from '../sigv4/verifier.ts';
import { describeParameters } from './describe-operation.ts';
import type { Input } from './input.ts';
import { loadParameters, type Parameters } from './parameters.ts';
import {
  getParameter,
  getParameterHistory,
  getParameters,
  getParametersByPath,
  type StoreState,
} from './read-operations.ts';
import { SsmError, validationError } from './ssm-error.ts';
import {
  addTagsToResource,
  listTagsForResource,
  removeTagsFromResource,
} from './tag-operations.ts';
import { deleteParameter, deleteParameters, putParameter } from './write-operations.ts';

const OPERATIONS = {
  AddTagsToResource: addTagsToResource,
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
  DescribeParameters: describeParameters,
  GetParameter: getParameter,
  GetParameterHistory: getParameterHistory,
  GetParameters: getParameters,
  GetParametersByPath: getParametersByPath,
  ListTagsForResource: listTagsForResource,
  PutParameter: putParameter,
  RemoveTagsFromResource: removeTagsFromResource,
} as const;

/** The operations of SSM that the store implements. */
export type SsmOperation = keyof typeof OPERATIONS;

/** A test's answer to a call: an error, any body with status 200, or a cut connection. */
export type Interception =
  | { readonly type: string; readonly message?: string; readonly status?: number }
  | { readonly body: string }
  | 'hang-up';

/** A change of a parameter, as in EventBridge's events. */
export interface ParameterChange {
  readonly operation: 'Create' | 'Update' | 'Delete';
  /** Absolute name. */
  readonly name: string;
}

/** A parameter store on this machine. */
export interface ParameterStoreOptions extends ListenOptions {
  /**
   * File that keeps the parameters in clear text.
   * @default memory
   */
  readonly file?: string | undefined;
  /** Secrets for `/aws/reference/secretsmanager/<name>`. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Names that the caller may not read one by one. As on AWS, it may read them by a path above. */
  readonly deniedNames?: ReadonlySet<string>;
  /** `KeyId`s of parameters that the caller may not decrypt. */
  readonly unusableKeys?: ReadonlySet<string>;
  /**
   * Verifies the callers' signatures (service `ssm`).
   * @default signatures are not verified
   */
  readonly verifier?: SigV4Verifier;
  /** Called before each operation. It may delay the operation, or answer instead. */
  readonly intercept?: (
    operation: SsmOperation,
    input: Input,
  ) => Interception | undefined | Promise<Interception | undefined>;
  /** Answers FilterLogEvents of CloudWatch Logs as well, so that one endpoint serves the whole CLI. */
  readonly logs?: LogGroup | undefined;
  /** Called after each change. */
  readonly onChange?: (change: ParameterChange) => void;
  /** @default the system's clock */
  readonly now?: () => Date;
}

/** A parameter store that listens. */
export interface ParameterStore extends Listening {
  /** Calls an operation without HTTP, past `intercept`; throws an {@link SsmError}. */
  call(operation: SsmOperation, input: Input): unknown;
}

/** Starts an endpoint for `--endpoint-url` and AWS_ENDPOINT_URL_SSM, speaking SSM's JSON protocol. */
export async function startParameterStore(
  options: ParameterStoreOptions = {},
): Promise<ParameterStore> {
  const state: StoreState = {
    parameters: withChanges(loadParameters(options.file), options.onChange),
    secrets: options.secrets ?? {},
    deniedNames: options.deniedNames ?? new Set(),
    unusableKeys: options.unusableKeys ?? new Set(),
    now: options.now ?? (() => new Date()),
  };
  const server = createServer((request, response) => {
    serve({ options, state }, request, response).catch(() => response.destroy());
  });
  const listening = await listen(server, options);
  return { ...listening, call: (operation, input) => OPERATIONS[operation](state, input) };
}

function withChanges(
  parameters: Parameters,
  onChange: ParameterStoreOptions['onChange'],
): Parameters {
  if (!onChange) return parameters;
  return {
    ...parameters,
    set(parameter) {
      const operation = parameters.get(parameter.name) ? 'Update' : 'Create';
      parameters.set(parameter);
      onChange({ operation, name: parameter.name });
    },
    delete(name) {
      const wasThere = parameters.delete(name);
      if (wasThere) onChange({ operation: 'Delete', name });
      return wasThere;
    },
  };
}

interface Store {
  readonly options: ParameterStoreOptions;
  readonly state: StoreState;
}

async function serve(store: Store, request: IncomingMessage, response: ServerResponse) {
  try {
    const answer = await answerCall(store, request);
    if (answer === 'hang-up') {
      response.destroy();
      return;
    }
    send(response, answer.status, answer.body, answer.errorType);
  } catch (error) {
    const failure =
      error instanceof SsmError
        ? error
        : new SsmError(String(error), { type: 'InternalServerError', status: 500 });
    const { status, type, message } = failure;
    send(response, status, JSON.stringify({ __type: type, message }), type);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly errorType?: string;
}

async function answerCall(
  { options, state }: Store,
  request: IncomingMessage,
): Promise<Answer | 'hang-up'> {
  if (!isForOwnHost(request)) {
    request.resume();
    throw new SsmError('Host: expected an address, localhost or host.docker.internal.', {
      type: 'AccessDeniedException',
    });
  }
  const body = await readBody(request, 1024 * 1024);
  if (body === undefined) {
    throw validationError('The request is too large.');
  }
  const { method = '', url: target = '/', rawHeaders } = request;
  const verification = options.verifier?.({ method, target, rawHeaders, body });
  if (verification?.ok === false) {
    return verification;
  }
  if (options.logs && request.headers['x-amz-target'] === 'Logs_20140328.FilterLogEvents') {
    return toLogsAnswer(options.logs.filter(parseInput(body)));
  }
  const operation = readOperation(request);
  const input = parseInput(body);
  const interception = await options.intercept?.(operation, input);
  if (interception === 'hang-up') {
    return interception;
  }
  if (interception !== undefined && 'body' in interception) {
    return { status: 200, body: interception.body };
  }
  if (interception !== undefined) {
    throw new SsmError(interception.message ?? interception.type, interception);
  }
  return { status: 200, body: JSON.stringify(OPERATIONS[operation](state, input)) };
}

function toLogsAnswer(result: ReturnType<LogGroup['filter']>): Answer {
  if ('type' in result) throw new SsmError(result.message, result);
  return { status: 200, body: JSON.stringify(result) };
}

function readOperation(request: IncomingMessage): SsmOperation {
  const target = String(request.headers['x-amz-target'] ?? '');
  const operation = target.replace(/^AmazonSSM\./, '');
  if (request.method !== 'POST' || !Object.hasOwn(OPERATIONS, operation)) {
    throw new SsmError(
      `Unknown operation ${target || request.method}: this is a local parameter store.`,
      {
        type: 'UnknownOperationException',
      },
    );
  }
  return operation as SsmOperation;
}

function parseInput(body: Buffer): Input {
  try {
    const input: unknown = JSON.parse(body.toString('utf8') || '{}');
    if (typeof input === 'object' && input !== null && !Array.isArray(input)) {
      return input as Input;
    }
  } catch {
    // The body is answered below, like JSON that is not an object.
  }
  throw new SsmError('The body is not a JSON object.', { type: 'SerializationException' });
}

function send(response: ServerResponse, status: number, body: string, errorType?: string): void {
  sendJson(response, {
    status,
    body,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': randomUUID(),
      ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
    },
  });
}
