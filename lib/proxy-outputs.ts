import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { SigningProxy } from './signing-proxy.ts';

/** What a deployment of `proxy` prints: where it answers, where its documents are, and how to add a route. */
export function addProxyOutputs(proxy: SigningProxy): void {
  const stack = Stack.of(proxy);
  new CfnOutput(stack, 'Url', { value: proxy.url, description: 'Public URL of the proxy' });
  new CfnOutput(stack, 'ParameterPath', {
    value: proxy.parameterPath,
    description: "Root of the proxy's documents in Parameter Store",
  });
  new CfnOutput(stack, 'AddRouteCommand', {
    value: [
      `aws ssm put-parameter --region ${stack.region} --type String --overwrite`,
      `--name ${proxy.parameterPath}/routes/my-route --value file://my-route.json`,
    ].join(' '),
    description: 'Adds or replaces the route my-route; takes effect within seconds',
  });
}
