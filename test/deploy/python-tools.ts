/** The Python programs of this test, in a virtual environment of their own. */
import { join } from 'node:path';
import { processEnv } from '../../local/process-env.ts';
import { run } from './process.ts';

/** With the translator the emulator deploys SAM's templates. */
const packages = ['ministack==1.5.33', 'aws-sam-translator==1.115.0', 'cfn-lint==1.58.0'];

export interface PythonTools {
  readonly python: string;
  readonly ministack: string;
  readonly cfnLint: string;
}

/** Installs the programs below `folder`; undefined, after saying why, where that is not possible. */
export async function installPythonTools(
  folder: string,
  say: (line: string) => void,
): Promise<PythonTools | undefined> {
  const bin = join(folder, 'venv', 'bin');
  const python = join(bin, 'python');
  // The machine's own environment: it knows its proxies and its package index.
  const env = { ...processEnv, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  try {
    await run({ file: 'python3', args: ['-m', 'venv', join(folder, 'venv')], env }, 60_000);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-input', ...packages];
    await run({ file: python, args, env }, 240_000);
  } catch (error) {
    const lines = String(error).trim().split('\n');
    const why = [...new Set([lines[0], lines.at(-1)])].join('; ');
    say(`skipped: ${packages.join(' and ')} could not be installed (${why})`);
    return undefined;
  }
  return { python, ministack: join(bin, 'ministack'), cfnLint: join(bin, 'cfn-lint') };
}
