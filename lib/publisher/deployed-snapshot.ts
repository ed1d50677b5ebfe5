/** Custom resources that publish while a stack is deployed: a proxy never serves before there is a snapshot. */
import { CustomResource, Duration, FileSystem, Lazy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CreatedRoutes } from '../routes/created-routes.ts';

/** How a {@link DeployedSnapshot} is built. */
export interface DeployedSnapshotProps {
  /** Publishes, and answers CloudFormation. */
  readonly provider: lambda.Function;
  readonly codePath: string;
  readonly uri: string;
  /** What the function is told by its environment. */
  readonly readSettings: () => Readonly<Record<string, string>>;
  readonly routes: CreatedRoutes;
}

/** One custom resource for the whole tree and, where the stack creates routes, one for those. */
export class DeployedSnapshot extends Construct {
  /** Of the whole tree; what serves depends on it. */
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: DeployedSnapshotProps) {
    super(scope, id);
    const { provider, codePath, uri, readSettings, routes } = props;
    const add = (resourceId: string, properties: Record<string, unknown>) =>
      new CustomResource(this, resourceId, {
        resourceType: 'Custom::CountersignSnapshot',
        serviceToken: provider.functionArn,
        serviceTimeout: Duration.minutes(16),
        properties: { Uri: uri, ...properties },
      });
    this.resource = add('Everything', {
      // Other code, or other settings, may judge documents in another way: the resource is updated then.
      Code: FileSystem.fingerprint(codePath),
      Settings: Lazy.any({ produce: readSettings }),
    });
    routes.whenUsed(() => {
      // A resource of its own: a document may name the proxy's URL, and the proxy waits for the other one.
      const created = add('CreatedRoutes', {
        Parameters: Lazy.any({ produce: () => routes.listParameters() }),
      });
      created.node.addDependency(routes, this.resource);
    });
  }
}
