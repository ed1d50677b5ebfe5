// biome-ignore-all lint/performance/noBarrelFile: the one entry for users' CDK apps, which never reaches a bundle.
export type { AlarmThresholds } from './alarms.ts';
export { CountersignStack, type CountersignStackProps } from './countersign-stack.ts';
export { DemoStack, type DemoStackProps } from './demo-stack.ts';
export {
  DocumentGuard,
  type DocumentGuardOptions,
  type DocumentGuardProps,
} from './document-guard.ts';
export { Edge } from './edge.ts';
export type { EdgeProps } from './edge-props.ts';
export type { InvokeScope, Upstream } from './invoke-statements.ts';
export {
  type MonitoringOptions,
  ProxyMonitoring,
  type ProxyMonitoringProps,
} from './monitoring.ts';
export type { LogLevel, ProxyEnvironmentProps } from './proxy-environment.ts';
export { SigningProxy } from './signing-proxy.ts';
export type { AliasProps, SigningProxyProps } from './signing-proxy-props.ts';
export { UsersApi, type UsersApiProps } from './users-api.ts';
export { UsersDemoStack, type UsersDemoStackProps } from './users-demo-stack.ts';
