/** What the stages of loading a document share. */

import type { PluginRegistry } from '../plugins/registry.ts';
import type { FindingLists } from './findings.ts';
import type { Demands, DocumentInForce } from './in-force.ts';
import type { CompileContext } from './prepare.ts';
import type { SharedObject, SharedSource } from './shared/shared-object.ts';
import type { Tree, TreeOptions } from './tree.ts';

/** What loading a route table needs. */
export interface TableLoaderOptions extends Omit<TreeOptions, 'now'> {
  readonly registry: PluginRegistry;
  /**
   * False where only the documents are wanted: the table finds no routes, and documents need no room in its index.
   *
   * @default true
   */
  readonly isIndexed?: boolean | undefined;
  /** Objects of documents that are not part of this reading. @default none */
  readonly heldShared?: readonly SharedObject[] | undefined;
  readonly compile: Pick<CompileContext, 'services' | 'requireAccessPlugin'>;
}

/** What a loader remembers of a document that is not wholly in force. */
export interface Memory {
  searched?: Searched;
}

/** What was found for a malformed version. Its history is read once. */
export interface Searched {
  readonly version: number;
  readonly text: string;
  /** What the newest version that can be read whole asks for, and what newer ones ask for. */
  readonly demands: readonly Demands[];
  /** False while the history could not be read. */
  readonly isRead: boolean;
  /** The version that stands in for it, if there is one. */
  readonly standIn?: number | undefined;
}

/** The state of loading one document within a reading of the tree. */
export interface LoadState extends TableLoaderOptions {
  readonly tree: Tree;
  /** What earlier readings found out about this document. */
  readonly memory: Memory;
  /** What this reading of the tree found. */
  readonly findings: FindingLists;
  readonly previous: DocumentInForce | undefined;
  /** What routes and consumers may name. */
  readonly shared: SharedSource;
}
