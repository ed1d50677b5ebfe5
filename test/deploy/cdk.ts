/** The real CDK CLI, against the emulator. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';
import { LOCAL_REGION } from '../../local/stack/credentials.ts';
import { credentials } from './cloud.ts';
import { run } from './process.ts';

const root = join(import.meta.dirname, '..', '..');

/** Runs `cdk` in the project's folder. @returns what it printed */
export type Cdk = (...args: string[]) => Promise<string>;

export interface CdkOptions {
  readonly emulatorUrl: string;
  /** A folder in place of the home folder, whose AWS configuration is thus not read. */
  readonly home: string;
}

/** The environment of a CDK CLI that deploys to the emulator. */
export function toCdkEnv({ emulatorUrl, home }: CdkOptions): NodeJS.ProcessEnv {
  return {
    ...inheritedEnv(),
    HOME: home,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: LOCAL_REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: emulatorUrl,
    // Where CloudFormation, not this process, reads templates.
    AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION: emulatorUrl,
    CI: 'true',
  };
}

export function createCdk(options: CdkOptions): Cdk {
  const env = toCdkEnv(options);
  const file = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  return (...args) =>
    run({ file: process.execPath, args: [file, ...args], env, cwd: root }, 180_000);
}

/** The templates of an assembly. */
export async function listTemplates(assembly: string): Promise<string[]> {
  const files = await readdir(assembly);
  return files
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => join(assembly, name));
}
