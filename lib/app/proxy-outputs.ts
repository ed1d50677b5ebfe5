import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import type { Publisher } from '../publisher/publisher.ts';

/** Adds the outputs of a deployment: the proxy's URL, the path of its documents, and a command that adds a route. */
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
  if (proxy.publisher) addPublisherOutputs(stack, proxy.publisher);
  if (!proxy.edge) return;
  new CfnOutput(stack, 'FunctionUrl', {
    value: proxy.functionUrl.url,
    description: 'Answers 403 to every client but the distribution',
  });
  new CfnOutput(stack, 'DistributionName', {
    value: proxy.edge.distribution.distributionDomainName,
    description: 'What the records of a domain of yours point to',
  });
  new CfnOutput(stack, 'OriginSecret', {
    value: proxy.edge.originSecret.secretArn,
    description: 'What the distribution sends: rotate it by docs/edge.md',
  });
}

function addPublisherOutputs(stack: Stack, { place, function: own }: Publisher): void {
  new CfnOutput(stack, 'SnapshotUri', {
    value: place.uri,
    description:
      'What the proxy reads its documents from; it goes with the stack when its bucket does',
  });
  new CfnOutput(stack, 'PublisherFunction', {
    value: own.functionName,
    description: 'Invoke it with {} to publish everything now',
  });
}
