/** The CDK app: `npx cdk synth`, `npx cdk deploy`. docs/deploy.md lists the context keys. */
import { App } from 'aws-cdk-lib';
import { CountersignStack } from '../lib/app/countersign-stack.ts';
import { DemoStack } from '../lib/app/demo-stack.ts';
import { readDeploySettings } from '../lib/app/deploy-settings.ts';
import { UsersDemoStack } from '../lib/app/users-demo-stack.ts';

const app = new App();
const { stackName, demo, usersDemo, proxy, stack, imported, watch } = readDeploySettings(app.node);
new CountersignStack(app, stackName, { ...stack, proxy, ...imported, ...watch });
if (demo) new DemoStack(app, `${stackName}Demo`, stack);
if (usersDemo) new UsersDemoStack(app, `${stackName}UsersDemo`, stack);
