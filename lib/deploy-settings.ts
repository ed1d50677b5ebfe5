import { Duration } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import type { LogLevel } from './proxy-environment.ts';
import type { SigningProxyProps } from './signing-proxy.ts';

/** What `cdk -c key=value` and the context of cdk.json say about a deployment. */
export interface DeploySettings {
  /** Name of the production stack; several make several proxies in one account. */
  readonly stackName: string;
  /** Whether the demo stack is part of the app. */
  readonly demo: boolean;
  /** Whether the users demo's stack is part of the app. */
  readonly usersDemo: boolean;
  readonly upstreamArns: readonly string[];
  readonly proxy: SigningProxyProps;
}

const logLevels: readonly string[] = ['debug', 'info', 'warn', 'error'] satisfies LogLevel[];

/** Reads the context keys of docs/deploy.md. Throws, naming the key, on a value that is not of its type. */
export function readDeploySettings(node: Node): DeploySettings {
  const parameterPath = readText(node, 'parameterPath');
  const allowedHosts = readList(node, 'allowedHosts');
  const refreshSeconds = readCount(node, 'refreshSeconds');
  const logLevel = readLogLevel(node);
  const debugHeaders = readFlag(node, 'debugHeaders');
  const memorySize = readCount(node, 'memorySize');
  const timeoutSeconds = readCount(node, 'timeoutSeconds');
  const reservedConcurrentExecutions = readCount(node, 'reservedConcurrency');
  return {
    stackName: readText(node, 'stackName') ?? 'Countersign',
    demo: readFlag(node, 'demo') ?? false,
    usersDemo: readFlag(node, 'usersDemo') ?? false,
    upstreamArns: readList(node, 'upstreams') ?? [],
    proxy: {
      ...(parameterPath !== undefined && { parameterPath }),
      ...(allowedHosts !== undefined && { allowedHosts }),
      ...(refreshSeconds !== undefined && { refreshInterval: Duration.seconds(refreshSeconds) }),
      ...(logLevel !== undefined && { logLevel }),
      ...(debugHeaders !== undefined && { debugHeaders }),
      ...(memorySize !== undefined && { memorySize }),
      ...(timeoutSeconds !== undefined && { timeout: Duration.seconds(timeoutSeconds) }),
      ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
    },
  };
}

function readText(node: Node, key: string): string | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(key, value, 'a text');
}

function readFlag(node: Node, key: string): boolean | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  // `-c` makes strings; cdk.json may hold either.
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(key, value, 'true or false');
}

function readCount(node: Node, key: string): number | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  if (/^\d+$/.test(String(value))) return Number(value);
  throw invalid(key, value, 'a whole number');
}

function readList(node: Node, key: string): readonly string[] | undefined {
  const value: unknown = node.tryGetContext(key);
  if (value === undefined) return undefined;
  const items: unknown = typeof value === 'string' ? value.split(',').map((s) => s.trim()) : value;
  if (isTexts(items)) return items;
  throw invalid(key, value, 'texts separated by commas, or an array of them');
}

function readLogLevel(node: Node): LogLevel | undefined {
  const value = readText(node, 'logLevel');
  if (value === undefined || isLogLevel(value)) return value;
  throw invalid('logLevel', value, logLevels.join(', '));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && item !== '');
}

function isLogLevel(value: string): value is LogLevel {
  return logLevels.includes(value);
}

function invalid(key: string, value: unknown, expected: string): Error {
  return new Error(`Context ${key} is ${JSON.stringify(value)}; expected ${expected}.`);
}
