/** The first route of the app. */
import type { AppPlan } from './app-plan.ts';
import { helloSecret, helloVariable } from './hello.ts';

/** The route's document. */
export function toRoute({ tool, uri, upstream }: AppPlan): object {
  const isCdk = tool === 'cdk';
  const call =
    upstream.kind === 'hello'
      ? {
          // The URL is known only after the deployment.
          function_uri: isCdk ? `$env://${helloVariable}` : `$secret://ssm/${helloSecret}`,
          // On this machine the address of the function does not name the service.
          authorization: { iam: { service: 'lambda' } },
        }
      : { function_uri: upstream.url, authorization: { iam: {} } };
  return {
    ...(isCdk && { $schema: '../node_modules/countersign/schema/route.json' }),
    uri,
    plugins: { 'aws-lambda': { ...call, timeout: 10_000 } },
  };
}
