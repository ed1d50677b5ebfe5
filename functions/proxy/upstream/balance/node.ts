/** The nodes of an upstream: where its requests may go. */
import type { Pool } from '../../send/connections.ts';
import type { Target } from '../target.ts';

/** What the choice of a node depends on. */
export interface Weighted {
  /** `host:port`; unique in its upstream. */
  readonly name: string;
  /** From 1. */
  readonly weight: number;
  /** Nodes of the highest priority are chosen first. */
  readonly priority: number;
}

/** A node that may be called. */
export interface UpstreamNode extends Weighted {
  readonly target: Target;
  readonly pool: Pool;
}

/** Chooses among nodes, by one of APISIX's algorithms. */
export interface Picker {
  /**
   * @param candidates at least one
   * @param key what the request is hashed by; only `chash` reads it
   */
  pick<T extends Weighted>(candidates: readonly T[], key: string): T;
  /** A request goes to the node. */
  begin?(name: string): void;
  /** The response of a request has been read, or there is none. */
  end?(name: string): void;
  /** The response's headers are here, or an attempt has failed. */
  measure?(name: string, attempt: Measured): void;
}

/** How an attempt went. */
export interface Measured {
  readonly tookMs: number;
  /** There was no response. */
  readonly hasFailed: boolean;
}
