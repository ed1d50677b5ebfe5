/** Response headers that documents write, with variables in their values. */
import * as v from 'valibot';
import { headerName } from '../documents/attributes.ts';
import { pointerTo } from '../documents/document-error.ts';
import { recordOf } from '../documents/schema.ts';
import { isHopByHop, isSetByAnswer } from '../http/header-names.ts';
import { toWireValue } from '../http/headers.ts';
import type { HeaderList } from '../http/message.ts';
import { compileHeaderText, type TextOptions } from './text-template.ts';
import type { VariableSubject } from './variables.ts';

const ownWords =
  'a header name; not one of a connection (Connection, Transfer-Encoding, …), Content-Length or Countersign-*';

/** The name of a response header that a document may set. */
export const responseHeaderName = v.pipe(
  headerName,
  v.check(
    (name) => !isHopByHop(name) && name !== 'content-length' && !isSetByAnswer(name),
    ownWords,
  ),
);

/** A value of a header: APISIX takes numbers as well. */
export const headerText = v.pipe(
  v.union([v.string(), v.number()], 'a string or a number'),
  v.transform(String),
);

/** Headers by name. */
export const responseHeaders = v.pipe(
  recordOf(headerText),
  v.rawCheck<Record<string, string>>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [key, value] of Object.entries(dataset.value)) {
      if (v.is(responseHeaderName, key)) continue;
      const path = { type: 'object', origin: 'key', input: dataset.value, key, value } as const;
      addIssue({ message: ownWords, path: [path] });
    }
  }),
);

/** @returns whether headers are written as actions (`add`, `set`, `remove`): a header of such a name has a text */
export function hasActions(written: object): boolean {
  const { add, set, remove } = written as Readonly<Record<string, unknown>>;
  return [add, set, remove].some((value) => typeof value === 'object');
}

/** @returns makes the headers of a response, in lower case. @throws DocumentError for a variable that there is not */
export function compileResponseHeaders<TSubject extends VariableSubject>(
  headers: Readonly<Record<string, string>> = {},
  { pointer, ...options }: TextOptions<TSubject>,
): (subject: TSubject) => HeaderList {
  const compiled = Object.entries(headers).map(([name, text]) => {
    const toText = compileHeaderText(text, { ...options, pointer: pointerTo(pointer, name) });
    return [name.toLowerCase(), toText] as const;
  });
  return (subject) => compiled.map(([name, toText]) => [name, toWireValue(toText(subject))]);
}
