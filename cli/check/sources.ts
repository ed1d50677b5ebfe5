/** What references in a document stand for, as far as this machine and this role can tell. */
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import {
  findAbsoluteSecrets,
  type ReferenceSource,
} from '../../functions/proxy/routes/references.ts';
import { toCliError } from '../cli-error.ts';
import type { Context } from '../context.ts';
import { readTree } from '../store/parameters.ts';

const unknown = Symbol('unknown');

/** Stands for a value that only the proxy knows; long and plain, so that it passes for most secrets. */
const unknownValue = 'countersign-stands-for-what-only-the-proxy-knows';

export interface Sources extends ReferenceSource {
  /** Whether the value was asked for and is not known here, so that nothing can be said against it. */
  isAssumed(reference: string): boolean;
  /** What was assumed, as remarks for people. */
  remarks(): string[];
}

/** Reads the secrets, and those elsewhere that `texts` name; a role that may not read them is no obstacle. */
export async function readSources(context: Context, texts: readonly string[]): Promise<Sources> {
  const root = context.settings().root();
  const absolute = [...new Set(texts.flatMap(findAbsoluteSecrets))];
  const ours = await readSecrets(context, `${root}/secrets`);
  const others = await readOthers(context, absolute);
  return createSources((name) => {
    // Another account's or service's secret may be readable for the proxy's role and not for us.
    if (name.startsWith('/')) return others.get(name) ?? unknown;
    return ours ? ours.get(`${root}/secrets/${name}`) : unknown;
  });
}

/** Without Parameter Store: every reference is taken on trust. */
export function assumeSources(): Sources {
  return createSources(() => unknown);
}

function createSources(read: (name: string) => string | typeof unknown | undefined): Sources {
  const assumed = new Set<string>();
  const assume = (name: string) => {
    assumed.add(name);
    return unknownValue;
  };
  return {
    readSecret(name) {
      const found = read(name);
      return found === unknown ? assume(name) : found;
    },
    readVariable: assume,
    isAssumed: (reference) =>
      assumed.has(reference.replace(/^\$(?:env:\/\/|secret:\/\/ssm\/)/i, '')),
    remarks: () =>
      [...assumed].map((name) => `the value of ${name} is not known here and was not checked`),
  };
}

/** Undefined when we may not read them. */
async function readSecrets(
  context: Context,
  path: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    const parameters = await readTree(context.ssm(), path);
    return new Map(parameters.map(({ name, value }) => [name, value]));
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
