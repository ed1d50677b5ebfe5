import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type AssetCode, Code } from 'aws-cdk-lib/aws-lambda';

/** Absolute path of a function's folder in `dist/`. It does not depend on the working directory of CDK. */
export function toBuiltPath(
  name: 'proxy' | 'hello' | 'users' | 'publisher' | 'create-route',
): string {
  return join(import.meta.dirname, '..', '..', 'dist', name);
}

/**
 * The built files, unchanged: CDK deploys exactly the bytes that the tests ran, and bundles nothing. Throws if they
 * have not been built.
 */
export function createBuiltCode(path: string): AssetCode {
  if (!existsSync(join(path, 'index.mjs'))) {
    throw new Error(`${path} holds no index.mjs. Run "npm run build" first.`);
  }
  return Code.fromAsset(path);
}
