// biome-ignore-all lint/performance/noBarrelFile: the one entry for users' CDK apps, which never reaches a bundle.
export { CountersignStack, type CountersignStackProps } from './countersign-stack.ts';
export { DemoStack, type DemoStackProps } from './demo-stack.ts';
export { Edge } from './edge.ts';
export type { EdgeProps } from './edge-props.ts';
export type { InvokeScope, Upstream } from './invoke-statements.ts';
export type { LogLevel, ProxyEnvironmentProps } from './proxy-environment.ts';
export { SigningProxy } from './signing-proxy.ts';
export type { AliasProps, SigningProxyProps } from './signing-proxy-props.ts';
