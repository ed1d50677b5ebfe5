/** `timeout` of an upstream and of a route, in seconds. */
import * as v from 'valibot';
import { strictObject } from './schema.ts';

/** Lambda's longest timeout. More has no meaning here, and Node's timers count 31 bits. */
const longestSeconds = 900;
/** Shortens what is longer than an invocation. */
export const toUsefulSeconds = v.transform((value: number) => Math.min(value, longestSeconds));
const some = v.pipe(v.number(), v.gtValue(0, 'a number of seconds above 0'), toUsefulSeconds);

/** The three times, all of them or none. */
export const timeoutSchema = v.optional(strictObject({ connect: some, send: some, read: some }));

/** Seconds, as a document has them. */
export type Timeout = NonNullable<v.InferOutput<typeof timeoutSchema>>;
