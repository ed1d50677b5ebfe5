/** The first route of the app. */
import type { AppPlan } from './app-plan.ts';

/** The variable of the proxy that has the URL of the app's own function. */
export const helloVariable = 'COUNTERSIGN_VAR_HELLO_URL';

/** The route's document. */
export function toRoute({ uri, upstream }: AppPlan): object {
  const call =
    upstream.kind === 'hello'
      ? {
          function_uri: `$env://${helloVariable}`,
          // On this machine the address of the function does not name the service.
          authorization: { iam: { service: 'lambda' } },
        }
      : { function_uri: upstream.url, authorization: { iam: {} } };
  return {
    $schema: '../node_modules/countersign/schema/route.json',
    uri,
    plugins: { 'aws-lambda': { ...call, timeout: 10_000 } },
  };
}
