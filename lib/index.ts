// biome-ignore-all lint/performance/noBarrelFile: the one entry for users' CDK apps, which never reaches a bundle.
export { CountersignStack, type CountersignStackProps } from './countersign-stack.ts';
export { DemoStack, type DemoStackProps } from './demo-stack.ts';
export type { InvokeScope, Upstream } from './invoke-statements.ts';
export type { LogLevel, ProxyEnvironmentProps } from './proxy-environment.ts';
export { SigningProxy, type SigningProxyProps } from './signing-proxy.ts';
export { UsersApi, type UsersApiProps } from './users-api.ts';
export { UsersDemoStack, type UsersDemoStackProps } from './users-demo-stack.ts';
