/** A stack with a snapshot, whose settings are those of the context: what a release changes, and how it fails. */
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { SigningProxy } from '../../lib/index.ts';

const app = new App();
const stack = new Stack(app, 'Released');
const text = (name: string) => app.node.tryGetContext(name) as string | undefined;
const key = text('keyArn');
const proxy = new SigningProxy(stack, 'Proxy', {
  parameterPath: '/released',
  routes: { stays: { uri: '/stays' } },
  ...(text('allowedHost') && { allowedHosts: [text('allowedHost') ?? ''] }),
  ...(key && { snapshot: { encryptionKey: Key.fromKeyArn(stack, 'Given', key) } }),
});
if (text('fails')) {
  const failing = new CfnResource(stack, 'Failing', {
    type: 'AWS::SSM::Parameter',
    properties: { Type: 'NoSuchType', Name: '/released-failing', Value: 'x' },
  });
  // As late as can be: everything else of the update is done by then.
  failing.node.addDependency(proxy);
}
