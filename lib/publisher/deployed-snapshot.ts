/**
 * Custom resources that publish while a stack is deployed, so that no proxy serves requests before there is a snapshot.
 */
import { CustomResource, Duration, FileSystem, Lazy } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { CreatedRoutes } from '../routes/created-routes.ts';

/** Props of a {@link DeployedSnapshot}. */
export interface DeployedSnapshotProps {
  /** The function that publishes and responds to CloudFormation. */
  readonly provider: lambda.Function;
  readonly codePath: string;
  readonly uri: string;
  /** The function's environment variables. */
  readonly readSettings: () => Readonly<Record<string, string>>;
  readonly routes: CreatedRoutes;
}

/** One custom resource for the whole tree, and one for the routes that the stack creates. */
export class DeployedSnapshot extends Construct {
  /** The resource for the whole tree. The proxy's function depends on it. */
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
      // Other code or settings may judge documents differently, so a change of them updates the resource.
      Code: FileSystem.fingerprint(codePath),
      Settings: Lazy.any({ produce: readSettings }),
    });
    routes.whenUsed(() => {
      // The routes need their own resource: a document may contain the proxy's URL, and the proxy waits for the other
      // resource.
      const created = add('CreatedRoutes', {
        Parameters: Lazy.any({ produce: () => routes.listParameters() }),
      });
      created.node.addDependency(routes, this.resource);
    });
  }
}
