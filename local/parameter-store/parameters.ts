import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** String, StringList and SecureString, as SSM has them. */
export type ParameterType = 'String' | 'StringList' | 'SecureString';
/** Standard holds 4 KB, Advanced 8 KB. */
export type ParameterTier = 'Standard' | 'Advanced';

/** One version of a parameter. */
export interface ParameterVersion {
  readonly version: number;
  readonly value: string;
  readonly type: ParameterType;
  readonly tier: ParameterTier;
  readonly dataType: string;
  readonly modifiedMs: number;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly keyId?: string;
}

/** A parameter with the versions that are kept, oldest first. */
export interface StoredParameter {
  readonly name: string;
  readonly versions: readonly ParameterVersion[];
  readonly tags: Readonly<Record<string, string>>;
}

/** The stored parameters by name, also in a file if there is one. */
export interface Parameters {
  get(name: string): StoredParameter | undefined;
  set(parameter: StoredParameter): void;
  /** @returns whether the parameter existed */
  delete(name: string): boolean;
  /** Sorted by name. */
  list(): readonly StoredParameter[];
}

/** The version in force. */
export function latestVersion(parameter: StoredParameter): ParameterVersion {
  const latest = parameter.versions.at(-1);
  if (latest === undefined) {
    throw new Error(`parameter ${parameter.name} has no version`);
  }
  return latest;
}

/**
 * Loads the parameters of the file, or none if there is no file yet. Throws if the file contains something else, so
 * that it is not overwritten.
 */
export function loadParameters(file?: string): Parameters {
  const byName = new Map<string, StoredParameter>();
  for (const parameter of file === undefined ? [] : readState(file)) {
    byName.set(parameter.name, parameter);
  }
  const list = () => [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const save = () => {
    if (file !== undefined) {
      writeState(file, list());
    }
  };
  return {
    get: (name) => byName.get(name),
    set(parameter) {
      byName.set(parameter.name, parameter);
      save();
    },
    delete(name) {
      const existed = byName.delete(name);
      if (existed) {
        save();
      }
      return existed;
    },
    list,
  };
}

function readState(file: string): readonly StoredParameter[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
  try {
    const { parameters } = JSON.parse(text) as { parameters: readonly StoredParameter[] };
    for (const parameter of parameters) {
      latestVersion(parameter);
    }
    return parameters;
  } catch (error) {
    const message = `${file} is not a parameter store's state; move it away or delete it`;
    throw new Error(message, { cause: error });
  }
}

/** Writes the file atomically: if the process is killed, the old file stays. */
function writeState(file: string, parameters: readonly StoredParameter[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  // The file contains SecureStrings in clear text.
  writeFileSync(temporary, `${JSON.stringify({ parameters }, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}
