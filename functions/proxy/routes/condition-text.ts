/** The condition of a route as text: two routes with the same text take the same requests of their paths. */
import type { RouteDocument } from './schema.ts';

/** What a route asks of requests that no index can hold. */
export type ConditionFields = Pick<RouteDocument, 'vars' | 'remote_addr' | 'remote_addrs'>;

/** Whether a document, parsed or not, asks for more than hosts, paths and methods. */
export function hasCondition(document: object): boolean {
  return 'vars' in document || 'remote_addr' in document || 'remote_addrs' in document;
}

/** Writes the condition of a route as JSON. */
export function toConditionText({ vars, remote_addr, remote_addrs }: ConditionFields): string {
  return JSON.stringify({ vars, remote_addr, remote_addrs });
}

/** @param text as a route's place has it */
export function parseConditionText(text: string): ConditionFields {
  return JSON.parse(text) as ConditionFields;
}
