/** The simulation's assumptions about AWS, with the AWS page for each. The others are estimates. */
import { batching } from '../../lib/publisher/batching.ts';
import type { Latency } from './random.ts';

export const ssm = {
  /**
   * Calls of `GetParametersByPath` a second, and separately of `GetParameters`, for an account in a Region (AWS General
   * Reference, "AWS Systems Manager endpoints and quotas").
   */
  callsPerSecond: 40,
  /** Estimate. */
  latency: { medianMs: 25, p99Ms: 120 } satisfies Latency,
};

export const s3 = {
  /** `GET` of one prefix (S3 User Guide, "Best practices design patterns: optimizing Amazon S3 performance"). */
  readsPerSecond: 5500,
  /** The same page: "small object latencies … of roughly 100–200 milliseconds" from the first byte on, at the slow end. */
  latency: { medianMs: 40, p99Ms: 200 } satisfies Latency,
  /** From the same Region; estimate. */
  bytesPerMs: 50_000,
};

/**
 * Time from PutParameter to the message in the queue. For EventBridge AWS measured 129 ms from ingestion to target at
 * p99 ("What's New", November 2024). The time until Parameter Store sends the event is an estimate.
 */
export const eventLatency: Latency = { medianMs: 300, p99Ms: 1500 };

/** Settings of lib/publisher, and measured times. */
export const publisher = {
  batchingWindowMs: batching.windowSeconds * 1000,
  secretsEveryMs: 60_000,
  reconcileEveryMs: 15 * 60_000,
  /** CPU time of a publication at 1,769 MB, which is one core. Measured: 420 ms with 10,000 routes on Node 24. */
  baseMs: 30,
  perRouteMs: 0.04,
  memoryGb: 1.73,
};

/**
 * Time to unpack a snapshot at 512 MB, which is 0.29 of a core. Measured: 13 ms of CPU with 10,000 routes.
 */
export const unpacking = { baseMs: 10, perRouteMs: 0.005 };

/** Lambda adds a thousand environments of a function in ten seconds (Lambda Developer Guide, "Understanding Lambda function scaling"). */
export const startsPerSecond = 100;

/** US dollars, us-east-1 (the services' price pages, November 2026). */
export const prices = {
  s3Get: 0.4 / 1_000_000,
  s3Put: 5 / 1_000_000,
  kmsCall: 3 / 1_000_000,
  /** A GB-second of Lambda on arm64. */
  gbSecond: 0.0000133334,
  secondsPerMonth: 730 * 3600,
};
