/** Every plugin by name. Adding one is its file, its test, its page in docs/plugins/ and a line here. */
import { awsLambda } from './aws-lambda.ts';
import type { Plugin } from './plugin.ts';

export type PluginRegistry = Readonly<Record<string, () => Promise<Plugin>>>;

/** Asynchronous, so that a plugin which few routes use costs the others nothing: it is imported when it is named. */
export const plugins: PluginRegistry = {
  'api-breaker': async () => (await import('./api-breaker.ts')).apiBreaker,
  'aws-lambda': async () => awsLambda,
};
