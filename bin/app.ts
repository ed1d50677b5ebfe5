/** The CDK app: `npx cdk synth`, `npx cdk deploy`. docs/deploy.md lists the context keys. */
import { App } from 'aws-cdk-lib';
import { CountersignStack } from '../lib/countersign-stack.ts';
import { DemoStack } from '../lib/demo-stack.ts';
import { readDeploySettings } from '../lib/deploy-settings.ts';
import { UsersDemoStack } from '../lib/users-demo-stack.ts';

const app = new App();
const { stackName, demo, usersDemo, upstreamArns, proxy } = readDeploySettings(app.node);
new CountersignStack(app, stackName, { proxy, upstreamArns });
if (demo) new DemoStack(app, `${stackName}Demo`);
if (usersDemo) new UsersDemoStack(app, `${stackName}UsersDemo`);
