/** Services for the construct, the CLI and the publisher, which compile documents and handle no request. */

import { createPools } from '../send/connections.ts';
import type { AllowedHost } from '../send/hosts.ts';
import type { SharedServices } from './plugin.ts';

/** The settings of the proxy that plugins look at while they are prepared. */
export interface InertServicesOptions {
  /** The default region of the scope that requests are signed for. */
  readonly region: string;
  readonly allowedHosts: readonly AllowedHost[];
  /** Name or ARN of the table that limits count in; undefined where there is none. */
  readonly limitTable: string | undefined;
}

/**
 * Makes services that plugins can be prepared with. They open no connection and wait for nothing; a plugin that asks them for
 * credentials gets an error. A caller that runs plugins replaces what the plugins call.
 */
export function createInertServices(options: InertServicesOptions): SharedServices {
  const { region, allowedHosts, limitTable } = options;
  const now = () => Date.now();
  const refuse = () =>
    Promise.reject(new Error('a document that is only compiled needs no credentials'));
  return {
    region,
    allowedHosts,
    credentials: { execution: refuse, assume: () => refuse },
    limits: { endpoint: new URL('https://dynamodb.invalid/'), table: limitTable },
    now,
    random: Math.random,
    sleep: async () => {},
    log: () => {},
    connect: createPools({ allowedHosts, now }).get,
  };
}
