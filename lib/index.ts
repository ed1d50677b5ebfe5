// biome-ignore-all lint/performance/noBarrelFile: the one entry for users' CDK apps, which never reaches a bundle.

export { CountersignStack, type CountersignStackProps } from './app/countersign-stack.ts';
export { DemoStack, type DemoStackProps } from './app/demo-stack.ts';
export { UsersApi, type UsersApiProps } from './app/users-api.ts';
export { UsersDemoStack, type UsersDemoStackProps } from './app/users-demo-stack.ts';
export { Edge } from './edge/edge.ts';
export type { EdgeProps } from './edge/edge-props.ts';
export type { AlarmThresholds } from './monitoring/alarms.ts';
export {
  type MonitoringOptions,
  ProxyMonitoring,
  type ProxyMonitoringProps,
} from './monitoring/monitoring.ts';
export type { InvokeScope, Upstream } from './proxy/invoke-statements.ts';
export type { LogLevel, ProxyEnvironmentProps } from './proxy/proxy-environment.ts';
export { SigningProxy } from './proxy/signing-proxy.ts';
export type { AliasProps, SigningProxyProps } from './proxy/signing-proxy-props.ts';
export { Publisher } from './publisher/publisher.ts';
export type { SnapshotOptions } from './publisher/publisher-options.ts';
