/** The app that was planned, and the commands that deploy it. */
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { toZip } from '../../release/archive.ts';
import type { AppPlan } from './app-plan.ts';
import { type AppPackages, toCdkApp } from './cdk-app.ts';
import { helloFunction } from './hello.ts';
import { toPutCommand } from './readme-parts.ts';
import { readReleasedModule, readReleasedTemplate } from './released.ts';
import { toSamApp } from './sam-app.ts';
import { toTerraformApp } from './terraform-app.ts';
import type { AppFile } from './write-app.ts';

/** What `init` writes, and what it says. */
export interface App {
  readonly files: readonly AppFile[];
  /** The next commands, in the folder of the app. */
  readonly next: readonly string[];
}

/** Folder of this package, or of a clone. */
const root = join(import.meta.dirname, '..', '..');

/**
 * @param source where npm gets this package from
 * @throws CliError USAGE in a clone that lacks what the app needs
 */
export function toApp(plan: AppPlan, source: string): App {
  const cli = toCommand(source);
  switch (plan.tool) {
    case 'cdk':
      return {
        files: toCdkApp(plan, toPackages(source)),
        next: ['npm install', 'npx cdk bootstrap', 'npx cdk deploy'],
      };
    case 'sam':
      return {
        files: toSamApp(plan, { released: readReleasedTemplate(root), cli }),
        next: ['sam deploy', toPutCommand(plan, cli)],
      };
    case 'terraform':
      return {
        files: toTerraformApp(plan, {
          released: readReleasedModule(root),
          helloZip: toHelloZip(),
          cli,
        }),
        next: ['terraform init', 'terraform apply'],
      };
  }
}

/** An app without `package.json` has no CLI of its own: npx fetches it. */
function toCommand(source: string): string {
  const [, file] = /^file:(.*)$/.exec(source) ?? [];
  return file === undefined ? 'npx countersign' : `npx --package ${file} countersign`;
}

function toHelloZip(): Uint8Array {
  return toZip({ 'index.mjs': Buffer.from(helloFunction) });
}

/** The versions that this package is tested with. */
function toPackages(source: string): AppPackages {
  const { devDependencies: tested } = packageJson;
  const pick = (...names: (keyof typeof tested)[]) =>
    Object.fromEntries(names.map((name) => [name, tested[name]]));
  return {
    dependencies: { ...pick('aws-cdk-lib', 'constructs'), countersign: source },
    devDependencies: pick('@types/node', 'aws-cdk', 'tsx', 'typescript'),
  };
}
