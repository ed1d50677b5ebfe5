/** Programs of users. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.ts';

/** The app of docs/install.md, as it stands there. */
export function readPageApp(): string {
  const page = readFileSync(join(root, 'docs', 'install.md'), 'utf8');
  const [, app] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  if (app === undefined) throw new Error('docs/install.md has no app');
  return app;
}

/** Every stack, with what a stack can have. @param lib where the constructs are imported from */
export function toAllStacks(lib: string): string {
  return `
import { App } from 'aws-cdk-lib';
import { CountersignStack, DemoStack, UsersDemoStack } from '${lib}';

const app = new App({ analyticsReporting: false });
const proxy = { rateLimitTable: true, alias: { name: 'live' }, edge: {}, requireAccessPlugin: true };
new CountersignStack(app, 'Countersign', { proxy });
new CountersignStack(app, 'Direct', { proxy: { snapshot: false } });
new DemoStack(app, 'CountersignDemo');
new UsersDemoStack(app, 'CountersignUsersDemo');
app.synth();
`;
}

/** What the declarations have to say, besides the page's app. */
export const typeUses = `
import { Duration, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { type AlarmThresholds, ProxyMonitoring, SigningProxy, type SigningProxyProps } from 'countersign';

interface GatewayProps {
  readonly memorySize?: number | undefined;
  readonly alarms?: AlarmThresholds | undefined;
}

export class Gateway extends Stack {
  readonly url: string;

  constructor(scope: Construct, id: string, { memorySize, alarms }: GatewayProps = {}) {
    super(scope, id);
    // Settings that may be missing are passed on as they are.
    const props: SigningProxyProps = { memorySize, refreshInterval: Duration.seconds(30) };
    const proxy = new SigningProxy(this, 'Proxy', { ...props, vpc: new Vpc(this, 'Vpc') });
    new ProxyMonitoring(this, 'Monitoring', { proxy, alarms, topic: new Topic(this, 'Topic') });
    this.url = proxy.url;
    // @ts-expect-error a typing mistake is found
    new SigningProxy(this, 'Other', { parameterPth: '/x' });
  }
}
`;
