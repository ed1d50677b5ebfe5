/** What the generic upstream asks of its surroundings: less than a plugin may use. */
import type { Clock } from '../http/time.ts';
import type { Pool, PoolSettings, Purpose } from '../send/connections.ts';
import type { AllowedHost, Origin } from '../send/hosts.ts';
import type { CredentialSources } from '../sign/credentials.ts';
import type { RetrySettings } from './attempts.ts';

/** What the generic upstream needs of the environment. */
export interface UpstreamServices {
  /** The function's own region. */
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
  readonly credentials: CredentialSources;
  readonly now: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Name of the parameter whose text has the plugin's settings: that of a service, where the route has them from it. */
  readonly document: string;
  /** The route's `retries`, `retry_timeout` and `timeout`. */
  readonly retry: RetrySettings;
  readonly log: (
    level: 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ) => void;
  /** @returns the pool of an upstream or service; it is kept as long as a route in force uses it */
  connect(origin: Origin, settings: PoolSettings, purpose?: Purpose): Pool;
  /** Logs a warning about the document, once, when it comes into force. */
  warn(message: string): void;
}
