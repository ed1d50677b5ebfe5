/** Ids of objects that documents hold. */
import * as v from 'valibot';

/** An id, as text. */
export const idSchema = v.pipe(
  v.union([v.string(), v.number()], 'a string or a number'),
  v.transform(String),
  v.regex(/^[\w.-]{1,64}$/, '1 to 64 letters, digits, `_`, `.` or `-`'),
);
