/**
 * `checks.passive`: which nodes rest, by the results of clients' requests. A Lambda environment has no background in which it
 * could ask nodes how they are. So a rest has an end, after which the node gets requests again.
 */
import type { Clock } from '../../http/time.ts';

/** `checks.passive` with all defaults. A limit of 0 does not count. */
export interface PassiveChecks {
  readonly healthy: { readonly http_statuses: readonly number[]; readonly successes: number };
  readonly unhealthy: Readonly<Record<Failure, number>> & {
    readonly http_statuses: readonly number[];
  };
}

/** Kinds of failures, each with a limit of its own. */
export type Failure = 'http_failures' | 'tcp_failures' | 'timeouts';

/** What one attempt tells about its node: the status of its response, or why there is none. */
export type Report = number | Exclude<Failure, 'http_failures'>;

/** The health of an upstream's nodes, by their names. */
export interface Health {
  isResting(name: string): boolean;
  report(name: string, report: Report): void;
}

const firstRestMs = 10_000;
const longestRestMs = 300_000;

interface State {
  readonly failures: Record<Failure, number>;
  successes: number;
  /** How often the node has rested since it was healthy. */
  rests: number;
  restsUntilMs: number;
}

/** @returns the health of nodes, all of them healthy */
export function createHealth({ healthy, unhealthy }: PassiveChecks, now: Clock): Health {
  const states = new Map<string, State>();
  const isResting = (name: string) => (states.get(name)?.restsUntilMs ?? 0) > now();
  const addSuccess = (name: string) => {
    const state = states.get(name);
    if (!state || healthy.successes === 0) return;
    state.successes += 1;
    if (state.successes >= healthy.successes) states.delete(name);
  };
  const addFailure = (name: string, failure: Failure) => {
    // A resting node still gets requests: if all nodes rest, if a retry has no other node left, or if the request began before
    // the rest. Their failures do not prolong the rest.
    if (unhealthy[failure] === 0 || isResting(name)) return;
    const state = states.get(name) ?? createState();
    states.set(name, state);
    state.successes = 0;
    state.failures[failure] += 1;
    // After a rest one failure is enough for the next one.
    if (state.rests === 0 && state.failures[failure] < unhealthy[failure]) return;
    state.restsUntilMs = now() + Math.min(firstRestMs * 2 ** state.rests, longestRestMs);
    state.rests += 1;
  };
  return {
    isResting,
    report(name, report) {
      if (typeof report !== 'number') addFailure(name, report);
      else if (unhealthy.http_statuses.includes(report)) addFailure(name, 'http_failures');
      else if (healthy.http_statuses.includes(report)) addSuccess(name);
    },
  };
}

function createState(): State {
  const failures = { http_failures: 0, tcp_failures: 0, timeouts: 0 };
  return { failures, successes: 0, rests: 0, restsUntilMs: 0 };
}
