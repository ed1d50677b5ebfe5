/** A global rule of which no version can be in force: every request answers 503 until one is. */
import { createHash } from 'node:crypto';
import type { DocumentInForce } from '../in-force.ts';
import type { UnreadableParameter } from '../parameters.ts';
import { toUnavailableObject } from '../unavailable.ts';
import type { SharedObject } from './shared-object.ts';

/** @returns a document that is no valid version */
export function toBarrier({ name }: UnreadableParameter, reason: string): DocumentInForce {
  const shared = [toBarrierObject(name, name.slice(name.lastIndexOf('/') + 1), reason)];
  const digest = createHash('sha256').update(`barrier of ${name}`).digest('hex');
  const nothing = { routes: [], consumers: [], missing: [], withheld: [], pools: [], warnings: [] };
  // The empty text keeps this from being taken for a valid version.
  const of = { parameter: name, version: 0, text: '', digest, shared };
  return { ...nothing, ...of, linked: '', substituted: [], patternSteps: 0 };
}

/** @returns an object of which nothing is known but that it has to be there */
export function toBarrierObject(parameter: string, id: string, reason: string): SharedObject {
  const nothing = { pointer: '', document: { plugins: {} }, plugins: [], digest: 'barrier' };
  const object = { kind: 'global_rule' as const, id, parameter, ...nothing };
  return toUnavailableObject(object, reason);
}
