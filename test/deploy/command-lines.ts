/** The command-line tools of other ways to deploy, each in a virtual environment of its own. */
import { delimiter, join } from 'node:path';
import { inheritedEnv, processEnv } from '../../local/process-env.ts';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { credentials } from './cloud.ts';
import { run } from './process.ts';

const versions = { awscli: 'awscli==1.46.2', sam: 'aws-sam-cli==1.170.0' } as const;

/** Runs lines of bash in a folder. @returns what they printed */
export type Shell = (script: string, folder: string) => Promise<string>;

/**
 * Installs a tool below `folder`. Its dependencies exclude those of other tools.
 * @returns the folder of its programs; undefined, after saying why, where that is not possible
 */
export async function installTool(
  tool: keyof typeof versions,
  folder: string,
  say: (line: string) => void,
): Promise<string | undefined> {
  const home = join(folder, tool);
  const bin = join(home, 'bin');
  const env = { ...processEnv, PIP_DISABLE_PIP_VERSION_CHECK: '1' };
  try {
    await run({ file: 'python3', args: ['-m', 'venv', home], env }, 120_000);
    const args = ['-m', 'pip', 'install', '--quiet', '--no-input', '--no-compile', versions[tool]];
    await run({ file: join(bin, 'python'), args, env }, 480_000);
    return bin;
  } catch (error) {
    const [first, ...others] = String(error).trim().split('\n');
    say(`skipped: ${versions[tool]} could not be installed (${first}; ${others.at(-1)})`);
    return undefined;
  }
}

/** @param programs folders of programs that the scripts use */
export function createShell(
  { emulatorUrl, home }: { readonly emulatorUrl: string; readonly home: string },
  programs: readonly string[],
): Shell {
  const inherited = inheritedEnv();
  const env = {
    ...inherited,
    HOME: home,
    PATH: [...programs, inherited['PATH'] ?? ''].join(delimiter),
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: LOCAL_REGION,
    AWS_REGION: LOCAL_REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: emulatorUrl,
    SAM_CLI_TELEMETRY: '0',
  };
  return (script, cwd) =>
    run({ file: 'bash', args: ['-euo', 'pipefail', '-c', script], env, cwd }, 240_000);
}
