/** A document is one object of its kind, or an array of them. */
import { pointerTo } from '../documents/document-error.ts';

/** One object of a document. */
export interface DocumentItem {
  /** As it was parsed, not checked yet. */
  readonly item: unknown;
  /** JSON pointer of it inside the document. */
  readonly pointer: string;
  /** The id that the parameter's name gives an object without an `id`. Undefined in an array. */
  readonly ownId: string | undefined;
}

/** @param parameter name of the parameter that holds the document */
export function toItems(document: unknown, parameter: string): readonly DocumentItem[] {
  if (!Array.isArray(document)) {
    return [{ item: document, pointer: '', ownId: parameter.split('/').at(-1) }];
  }
  return Array.from(document, (item: unknown, index) => ({
    item,
    pointer: pointerTo('', index),
    ownId: undefined,
  }));
}
