/** Every plugin by name. Adding one is its file, its test, its page in docs/plugins/ and a line here. */
import { awsLambda } from './aws-lambda.ts';
import type { Plugin } from './plugin.ts';

export type PluginRegistry = Readonly<Record<string, () => Promise<Plugin>>>;

/** Asynchronous, so that a plugin which few routes use can be an `import()` that costs the others nothing. */
export const plugins: PluginRegistry = {
  'aws-lambda': async () => awsLambda,
};
