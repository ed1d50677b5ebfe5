import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { usersResources } from '../../functions/users/resources.ts';
import { SigningProxy } from '../proxy/signing-proxy.ts';
import type { SigningProxyProps } from '../proxy/signing-proxy-props.ts';
import { withoutUndefined } from '../proxy/without-undefined.ts';
import { addProxyOutputs } from './proxy-outputs.ts';
import { UsersApi } from './users-api.ts';

/** Props of a {@link UsersDemoStack}. */
export interface UsersDemoStackProps extends StackProps {
  /**
   * The proxy's settings.
   * @default - the construct's, with the parameter path `/countersign/<stack name>`, and no logs left behind
   */
  readonly proxy?: SigningProxyProps | undefined;

  /**
   * Folder of the users function's built code.
   * @default - `dist/users` of this package, written by `npm run build`
   */
  readonly usersCodePath?: string | undefined;
}

/**
 * A demo with an API Gateway upstream: users behind a REST API with IAM authorization, a proxy that may call its six
 * methods and nothing else, and the route `/users`. It is public: everyone who has the URL may add and delete users.
 */
export class UsersDemoStack extends Stack {
  readonly proxy: SigningProxy;
  readonly users: UsersApi;

  constructor(scope: Construct, id: string, props: UsersDemoStackProps = {}) {
    const { proxy, usersCodePath, ...stackProps } = props;
    super(scope, id, {
      description: 'Countersign demo: a users API behind IAM, and the proxy in front of it',
      ...stackProps,
    });
    this.users = new UsersApi(this, 'Users', usersCodePath ? { codePath: usersCodePath } : {});
    this.proxy = new SigningProxy(this, 'Proxy', {
      parameterPath: `/countersign/${this.stackName}`,
      logRemovalPolicy: RemovalPolicy.DESTROY,
      ...withoutUndefined(proxy ?? {}),
    });
    for (const { path, methods } of usersResources) {
      const resource = path.replace(/\{\w+\}/, '*');
      for (const method of methods) {
        this.proxy.grantInvokeUpstream(this.users.api, { method, path: resource });
      }
    }
    this.proxy.addRoute('users', {
      // The first path is the list of users, and the second is one user.
      uris: ['/users', '/users/*'],
      methods: [...new Set(usersResources.flatMap(({ methods }) => methods))],
      plugins: {
        'aws-lambda': {
          function_uri: this.users.api.urlForPath('/demo/users'),
          authorization: { iam: {} },
          // Deleting all users may take as long as API Gateway allows.
          timeout: 30_000,
        },
      },
    });
    addProxyOutputs(this.proxy);
    this.#addTryOutputs();
  }

  #addTryOutputs(): void {
    new CfnOutput(this, 'DirectCall', {
      value: `curl -i '${this.users.api.urlForPath('/demo/users')}'`,
      description: 'Unsigned: API Gateway refuses it with 403',
    });
    new CfnOutput(this, 'SignedCall', {
      value: `curl -i '${this.proxy.url}users'`,
      description: 'The same call through the proxy: 200 and the list of users',
    });
    const user = '{"name":"Ada","email":"ada@example.com"}';
    new CfnOutput(this, 'AddUserCall', {
      value: `curl -i '${this.proxy.url}users' -H 'content-type: application/json' -d '${user}'`,
      description: 'Adds a user: 201',
    });
  }
}
