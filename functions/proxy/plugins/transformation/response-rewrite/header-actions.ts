/** Headers that `response-rewrite` adds, sets and removes. */
import * as v from 'valibot';
import { listOf } from '../../../documents/attributes.ts';
import { documentError, pointerTo } from '../../../documents/document-error.ts';
import { strictObject } from '../../../documents/schema.ts';
import { toWireValue } from '../../../http/headers.ts';
import type { HeaderList } from '../../../http/message.ts';
import { hasActions, responseHeaderName, responseHeaders } from '../../response-headers.ts';
import { compileHeaderText } from '../../text-template.ts';
import { findResponseVariable, type ResponseSubject } from './response-variables.ts';

const addedWords = 'a header as "Name: value"';

/** APISIX's two forms: actions, or headers that are set. */
export const headerActions = v.union(
  [
    strictObject({
      add: v.optional(
        listOf(
          v.pipe(
            v.string(),
            v.check((text) => {
              const [name, value] = splitHeader(text);
              return value !== '' && v.is(responseHeaderName, name);
            }, addedWords),
          ),
        ),
      ),
      set: v.optional(responseHeaders),
      remove: v.optional(listOf(responseHeaderName)),
    }),
    responseHeaders,
  ],
  'an object with add ("Name: value", …), set and remove, or headers to be set; none of them one of a connection, Content-Length or Countersign-*',
);

/** Makes the headers of a response. */
export type ChangeHeaders = (headers: HeaderList, subject: ResponseSubject) => HeaderList;

/** By hand: an expression would begin anew at each of the blanks. */
function splitHeader(text: string): readonly [name: string, value: string] {
  const [name = '', ...values] = text.split(':');
  return [name.trim(), values.join(':').trim()];
}

interface Actions {
  readonly add?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

/**
 * Adds, then sets, then removes.
 *
 * @throws DocumentError for a header that is both set and removed, and for a variable that there is not
 */
export function compileHeaderActions(
  written: v.InferOutput<typeof headerActions> = {},
  pointer: string,
): ChangeHeaders {
  const isActions = hasActions(written);
  const actions = (isActions ? written : { set: written }) as Actions;
  const { add = [], set = {}, remove = [] } = actions;
  const ofSet = isActions ? pointerTo(pointer, 'set') : pointer;
  const removed = new Set(remove);
  const compileOne = (name: string, text: string, at: string) => {
    const toText = compileHeaderText<ResponseSubject>(text, {
      ...{ pointer: at, findMore: findResponseVariable },
    });
    return {
      name: name.toLowerCase(),
      toValue: (own: ResponseSubject) => toWireValue(toText(own)),
    };
  };
  const adding = add.map((text, index) => {
    const [name, value] = splitHeader(text);
    return compileOne(name, value, pointerTo(pointerTo(pointer, 'add'), index));
  });
  const setting = Object.entries(set).map(([name, text]) => {
    const at = pointerTo(ofSet, name);
    if (removed.has(name.toLowerCase())) {
      throw documentError(at, text, 'a header that is set or removed, not both');
    }
    return compileOne(name, text, at);
  });
  if (adding.length + setting.length + removed.size === 0) return (headers) => headers;
  const isReplaced = new Set([...setting.map(({ name }) => name), ...removed]);
  return (headers, subject) => {
    const more = adding.map(({ name, toValue }) => [name, toValue(subject)] as const);
    const own = setting.map(({ name, toValue }) => [name, toValue(subject)] as const);
    const kept = [...headers, ...more].filter(([name]) => !isReplaced.has(name));
    // An empty text takes the header off, as in APISIX.
    return [...kept, ...own.filter(([, value]) => value !== '')];
  };
}
