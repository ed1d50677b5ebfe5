/** What Parameter Store has now of some parameters: ten a call, and one by one where a key may not be used. */
import { isRefused } from '../proxy/routes/named-reader.ts';
import {
  type Parameter,
  type ParameterCall,
  toParameters,
  type UnreadableParameter,
} from '../proxy/routes/parameters.ts';

export interface CurrentParameters {
  /** By name; a parameter that does not exist is missing. */
  readonly readable: ReadonlyMap<string, Parameter>;
  /** Parameters that exist and cannot be decrypted, by name. */
  readonly unreadable: ReadonlyMap<string, UnreadableParameter>;
  /** Names that Parameter Store refuses to say anything of. */
  readonly refused: ReadonlySet<string>;
}

/** The limit of GetParameters. */
const namesPerCall = 10;

/** @returns a function that throws AwsServiceError and ProxyError when Parameter Store does not answer */
export function createCurrentReader(
  call: ParameterCall,
): (names: readonly string[]) => Promise<CurrentParameters> {
  return async (names) => {
    const found = {
      readable: new Map<string, Parameter>(),
      unreadable: new Map<string, UnreadableParameter>(),
      refused: new Set<string>(),
    };
    const all = [...new Set(names)];
    for (let start = 0; start < all.length; start += namesPerCall) {
      await readBatch(call, all.slice(start, start + namesPerCall), found);
    }
    return found;
  };
}

interface Found {
  readonly readable: Map<string, Parameter>;
  readonly unreadable: Map<string, UnreadableParameter>;
  readonly refused: Set<string>;
}

/** One name of a batch that may not be read, or decrypted, has the whole batch refused. */
async function readBatch(
  call: ParameterCall,
  names: readonly string[],
  found: Found,
): Promise<void> {
  try {
    for (const parameter of await getParameters(call, names, true)) {
      found.readable.set(parameter.name, parameter);
    }
  } catch (error) {
    if (!isRefused(error)) throw error;
    const [only, ...others] = names;
    if (only !== undefined && others.length === 0) await readSealed(call, only, found);
    else for (const name of names) await readBatch(call, [name], found);
  }
}

async function readSealed(call: ParameterCall, name: string, found: Found): Promise<void> {
  try {
    for (const { version, modifiedMs } of await getParameters(call, [name], false)) {
      found.unreadable.set(name, { name, version, modifiedMs });
    }
  } catch (error) {
    if (!isRefused(error)) throw error;
    found.refused.add(name);
  }
}

async function getParameters(
  call: ParameterCall,
  names: readonly string[],
  isDecrypted: boolean,
): Promise<Parameter[]> {
  const answer = await call('GetParameters', { Names: names, WithDecryption: isDecrypted });
  return toParameters(answer['Parameters']);
}
