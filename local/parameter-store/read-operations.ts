import { type Input, paginate, readMaxResults, readName, readNames } from './input.ts';
import type { Parameters, ParameterVersion, StoredParameter } from './parameters.ts';
import { latestVersion } from './parameters.ts';
import { toArn, toHistoryEntry, toParameter } from './render.ts';
import { parameterNotFound, SsmError, validationError } from './ssm-error.ts';

/** The state that operations use. */
export interface StoreState {
  readonly parameters: Parameters;
  /** Secrets of Secrets Manager by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly deniedNames: ReadonlySet<string>;
  readonly unusableKeys: ReadonlySet<string>;
  readonly now: () => Date;
}

const SECRETS_PREFIX = '/aws/reference/secretsmanager/';

/** GetParameter: by name, ARN, `name:version`, or a reference to a secret. */
export function getParameter(state: StoreState, input: Input): unknown {
  return { Parameter: lookUp(state, readName(input), isDecrypting(input)) };
}

/** GetParameters: up to ten names. Missing ones are listed, and are not an error. */
export function getParameters(state: StoreState, input: Input): unknown {
  const found: unknown[] = [];
  const invalid: string[] = [];
  for (const name of new Set(readNames(input, 10))) {
    try {
      found.push(lookUp(state, name, isDecrypting(input)));
    } catch (error) {
      if (!(error instanceof SsmError) || !/NotFound$/.test(error.type)) {
        throw error;
      }
      invalid.push(name);
    }
  }
  return { Parameters: found, InvalidParameters: invalid };
}

/** GetParametersByPath: parameters below a path, at most ten per page. */
export function getParametersByPath(state: StoreState, input: Input): unknown {
  const path = readName(input, 'Path');
  if (!path.startsWith('/')) {
    throw validationError(
      'The parameter path must begin with a slash "/". It can consist of sub-paths divided by slash symbol.',
    );
  }
  const { Recursive: recursive, ParameterFilters: filters } = input;
  if (Array.isArray(filters) && filters.length > 0) {
    throw validationError('ParameterFilters are not supported by this local store.');
  }
  const below = state.parameters
    .list()
    .filter(({ name }) => isBelow(name, path, recursive === true));
  const page = paginate(below, { input, max: 10, keyOf: ({ name }) => name });
  const decrypt = isDecrypting(input);
  return {
    Parameters: page.items.map((parameter) => {
      const version = latestVersion(parameter);
      assertUsableKey(state, version, decrypt);
      return toParameter(parameter.name, version, { decrypt });
    }),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

/** GetParameterHistory: the kept versions, oldest first, at most fifty a page. */
export function getParameterHistory(state: StoreState, input: Input): unknown {
  const name = toStoredName(readName(input));
  readMaxResults(input, 50);
  const parameter = requireParameter(state, name);
  const page = paginate(parameter.versions, {
    input,
    max: 50,
    keyOf: ({ version }) => String(version),
  });
  const decrypt = isDecrypting(input);
  return {
    Parameters: page.items.map((version) => {
      assertUsableKey(state, version, decrypt);
      return toHistoryEntry(name, version, decrypt);
    }),
    ...(page.nextToken === undefined ? {} : { NextToken: page.nextToken }),
  };
}

/** Whether a name is below a path: `/a/b` is below `/a`, and `/ab` is not. Without recursion `/a/b/c` is not either. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const qualified = name.startsWith('/') ? name : `/${name}`;
  return (
    qualified.startsWith(prefix) && (recursive || !qualified.slice(prefix.length).includes('/'))
  );
}

/** Finds a parameter; throws ParameterNotFound. */
export function requireParameter(state: StoreState, name: string): StoredParameter {
  const parameter = state.parameters.get(name);
  if (parameter === undefined) {
    throw parameterNotFound(name);
  }
  return parameter;
}

/** Converts a name or an ARN to the name. */
export function toStoredName(nameOrArn: string): string {
  const resource = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.*)$/.exec(nameOrArn)?.[1];
  return resource ?? nameOrArn;
}

/** A parameter that cannot be decrypted fails the whole call. */
function assertUsableKey(
  { unusableKeys }: StoreState,
  { type, keyId = '' }: ParameterVersion,
  decrypt: boolean,
): void {
  if (type !== 'SecureString' || !decrypt || !unusableKeys.has(keyId)) return;
  throw new SsmError(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    { type: 'AccessDeniedException' },
  );
}

function lookUp(state: StoreState, reference: string, decrypt: boolean): Record<string, unknown> {
  if (state.deniedNames.has(reference)) {
    throw new SsmError(
      `User: arn:aws:sts::123456789012:assumed-role/local/local is not authorized to perform: ssm:GetParameters on resource: ${toArn(reference)} because no identity-based policy allows the ssm:GetParameters action`,
      { type: 'AccessDeniedException' },
    );
  }
  if (reference.startsWith(SECRETS_PREFIX)) {
    return lookUpSecret(state, reference, decrypt);
  }
  const [name = '', selector] = toStoredName(reference).split(':');
  const parameter = requireParameter(state, name);
  const version =
    selector === undefined ? latestVersion(parameter) : requireVersion(parameter, selector);
  assertUsableKey(state, version, decrypt);
  const shown = selector === undefined ? undefined : `:${selector}`;
  return toParameter(name, version, { decrypt, selector: shown });
}

function requireVersion(parameter: StoredParameter, selector: string): ParameterVersion {
  const version = parameter.versions.find((each) => String(each.version) === selector);
  if (version === undefined) {
    throw new SsmError(
      `Systems Manager could not find version ${selector} of ${parameter.name}. Verify the version and try again.`,
      { type: 'ParameterVersionNotFound' },
    );
  }
  return version;
}

function lookUpSecret(state: StoreState, name: string, decrypt: boolean): Record<string, unknown> {
  if (!decrypt) {
    throw validationError(
      'WithDecryption flag must be True for retrieving a Secret Manager secret.',
    );
  }
  const { [name.slice(SECRETS_PREFIX.length)]: value } = state.secrets;
  if (value === undefined) {
    throw new SsmError(
      `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${name} not found.`,
      { type: 'ParameterNotFound' },
    );
  }
  const version: ParameterVersion = {
    ...{ version: 0, value, type: 'SecureString', tier: 'Standard', dataType: 'text' },
    modifiedMs: state.now().getTime(),
  };
  return toParameter(name, version, { decrypt });
}

function isDecrypting(input: Input): boolean {
  const { WithDecryption: decrypt } = input;
  return decrypt === true;
}
