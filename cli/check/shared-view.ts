/** The shared objects that documents under check may name: those of the folder, and those that are stored. */
import type { DocumentIssue } from '../../functions/proxy/documents/document-error.ts';
import { toKeys } from '../../functions/proxy/documents/pointer.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { toItems } from '../../functions/proxy/routes/items.ts';
import { type SharedKind, sharedFolders } from '../../functions/proxy/routes/kind.ts';
import {
  linkFields,
  parseSharedKey,
  type SharedObject,
  type SharedSource,
  toSharedKey,
} from '../../functions/proxy/routes/shared/shared-object.ts';
import type { KindName } from '../documents/kinds.ts';
import { findJson } from '../terminal/json.ts';
import { toPlain } from '../terminal/table.ts';
import { findNearest } from './suggestion.ts';

/** Finds the shared objects of the documents that were added. */
export interface SharedView extends SharedSource {
  /** Adds the objects of a document that has been checked. Of objects without `compiled` only the ids are known. */
  add(document: CheckedShared): void;
  /** The global rules that are valid. */
  rules(): readonly SharedObject[];
  /** Whether there are global rules, valid or not. */
  hasRules(): boolean;
  /** Objects that were named and may exist, as sentences. */
  remarks(): readonly string[];
  /** @returns the id that was probably meant, for an issue about an object that is not there */
  findMeant(issue: DocumentIssue): string | undefined;
}

/** A document of a shared kind. */
export interface CheckedShared {
  readonly kind: SharedKind;
  readonly parameter: string;
  readonly text: string;
  readonly compiled: CompiledDocument | undefined;
}

/** @param known whether all documents of a kind are added. Objects of another kind may exist */
export function createSharedView(known: (folder: KindName) => boolean): SharedView {
  const objects = new Map<string, SharedObject | 'assumed'>();
  const assumed = new Set<string>();
  const folders = Object.entries(sharedFolders) as [keyof typeof sharedFolders, SharedKind][];
  const knownKinds = new Set(folders.flatMap(([folder, kind]) => (known(folder) ? [kind] : [])));
  const keysOf = (kind: SharedKind) =>
    [...objects.keys()].map(parseSharedKey).filter((key) => key.kind === kind);
  return {
    find(kind, id) {
      const object = objects.get(toSharedKey({ kind, id }));
      if (object !== undefined || knownKinds.has(kind)) return object;
      assumed.add(
        `the ${kind.replace('_', ' ')} ${toPlain(id)} is not among the files and was not checked`,
      );
      return 'assumed';
    },
    remarks: () => [...assumed],
    add({ kind, parameter, text, compiled }) {
      for (const id of readIds(text, parameter)) {
        const object = compiled?.shared?.find((own) => own.id === id);
        const key = toSharedKey({ kind, id });
        // The first one counts, as in the proxy.
        if (!objects.has(key)) objects.set(key, object ?? 'assumed');
      }
    },
    rules: () =>
      [...objects.values()].flatMap((object) =>
        object !== 'assumed' && object.kind === 'global_rule' ? [object] : [],
      ),
    hasRules: () => keysOf('global_rule').length > 0,
    findMeant(issue) {
      if (!isLinkIssue(issue)) return undefined;
      const { pointer, found } = issue;
      const kind = linkFields[toKeys(pointer).at(-1) as keyof typeof linkFields];
      return findNearest(
        found.slice(1, -1),
        keysOf(kind).map(({ id }) => id),
      );
    },
  };
}

/** Whether an issue is about an object that a document names and that is not there. */
export function isLinkIssue({ pointer, found, expected }: DocumentIssue): boolean {
  const isLink = Object.hasOwn(linkFields, toKeys(pointer).at(-1) ?? '');
  return isLink && /^".*"$/.test(found) && expected.endsWith('/ has this id');
}

/** @returns the ids of a document's objects, as far as it can be read */
export function readIds(text: string, parameter: string): string[] {
  const found = findJson(text);
  if (!found) return [parameter.split('/').at(-1) ?? ''];
  return toItems(found.value, parameter).flatMap(({ item, ownId }) => {
    const { id = ownId } = Object(item) as { readonly id?: unknown };
    return id === undefined ? [] : [String(id)];
  });
}
