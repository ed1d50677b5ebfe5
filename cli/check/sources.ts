/** The values of references in documents, as far as this machine and its credentials can read them. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { ReferenceRules } from '../../functions/proxy/documents/reference-rules.ts';
import {
  findOutsideSecrets,
  findRuling,
  type ReferenceSource,
} from '../../functions/proxy/documents/references.ts';
import type { Context } from '../context.ts';
import { readTree } from '../store/parameters.ts';
import { toCliError } from '../terminal/cli-error.ts';

const unknown = Symbol('unknown');

/**
 * Placeholder for a value that only the proxy knows. It is long and plain, so that most plugins accept it as a secret.
 */
const unknownValue = 'countersign-stands-for-what-only-the-proxy-knows';

/** The values behind references, as far as the CLI knows them. */
export interface Sources extends ReferenceSource {
  /** Whether the value is not known here, so that no check of it is possible. */
  isAssumed(reference: string): boolean;
  /** Assumptions, as sentences. */
  remarks(): string[];
}

/** Values of environment variables of the proxy, by name. */
export type Variables = Readonly<Record<string, string>>;

/**
 * Reads the secrets below the root, and other secrets that `texts` refer to. Missing permissions are not an error.
 * @param variables those of the proxy that are known
 */
export async function readSources(
  context: Context,
  texts: readonly string[],
  variables: Variables = {},
): Promise<Sources> {
  const root = context.settings().root();
  const rules = context.settings().rules(root);
  const outside = new Set(texts.flatMap((text) => findOutsideSecrets(text, rules)));
  const { during } = context.output();
  const ours = await during(`Reading ${root}/secrets/`, () =>
    readSecrets(context, `${root}/secrets`),
  );
  const others = await during('Reading other secrets', () => readOthers(context, [...outside]));
  return createSources(rules, {
    readSecret(name) {
      // The proxy's role may be able to read a secret that these credentials cannot read.
      if (!name.startsWith(`${root}/`)) return others.get(name) ?? unknown;
      return ours ? ours.get(name) : unknown;
    },
    readVariable: (name) => variables[name] ?? unknown,
  });
}

/** Adds secrets that are not stored yet, by absolute name. */
export function withSecrets(sources: Sources, secrets: ReadonlyMap<string, string>): Sources {
  return { ...sources, readSecret: (name) => secrets.get(name) ?? sources.readSecret(name) };
}

/** The sources for checks without Parameter Store: every permitted reference counts as valid. */
export function assumeSources(rules: ReferenceRules): Sources {
  return createSources(rules, { readSecret: () => unknown, readVariable: () => unknown });
}

type Read = (name: string) => string | typeof unknown | undefined;

interface Readers {
  readonly readSecret: Read;
  readonly readVariable: Read;
}

function createSources(rules: ReferenceRules, { readSecret, readVariable }: Readers): Sources {
  const assumed = new Set<string>();
  const assume = (name: string) => {
    assumed.add(name);
    return unknownValue;
  };
  const orAssume = (read: Read) => (name: string) => {
    const found = read(name);
    return found === unknown ? assume(name) : found;
  };
  return {
    rules,
    readSecret: orAssume(readSecret),
    readVariable: orAssume(readVariable),
    isAssumed(reference) {
      const ruling = findRuling(reference, rules);
      return ruling !== undefined && 'name' in ruling && assumed.has(ruling.name);
    },
    remarks: () =>
      [...assumed].map((name) => `the value of ${name} is not known here and was not checked`),
  };
}

/** @returns undefined if the credentials may not read the secrets; a secret that cannot be decrypted is unknown */
async function readSecrets(
  context: Context,
  path: string,
): Promise<ReadonlyMap<string, string | typeof unknown> | undefined> {
  try {
    const secrets = new Map<string, string | typeof unknown>();
    const parameters = await readTree(context.ssm(), path, ({ name }) =>
      secrets.set(name, unknown),
    );
    for (const { name, value } of parameters) secrets.set(name, value);
    return secrets;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

async function readOthers(
  context: Context,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    try {
      const { Parameter } = await context
        .ssm()
        .send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      if (Parameter?.Value) found.set(name, Parameter.Value);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return found;
}

function isRefusal(error: unknown): boolean {
  const { awsError } = toCliError(error).details;
  return /AccessDenied|NotAuthorized|InvalidKeyId|KMS|NotFound|Validation/.test(
    String(awsError ?? ''),
  );
}
