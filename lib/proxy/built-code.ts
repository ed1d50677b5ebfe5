import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';

/** Absolute path of a function's folder in `dist/`, for any working directory of CDK. */
export function toBuiltPath(
  name: 'proxy' | 'hello' | 'users' | 'publisher' | 'create-route',
): string {
  return join(import.meta.dirname, '..', '..', 'dist', name);
}

/**
 * The built bytes as they are: what the tests ran is what is deployed, so nothing is bundled at synth.
 * Throws when they have not been built.
 */
export function createBuiltCode(path: string): AssetCode {
  if (!existsSync(join(path, 'index.mjs'))) {
    throw new Error(`${path} holds no index.mjs. Run "npm run build" first.`);
  }
  return Code.fromAsset(path);
}
