/** Would a document be in force? Judged with the proxy's own code before it is written, for the construct and the CLI. */

import { DocumentError, type DocumentIssue } from '../documents/document-error.ts';
import { readPointer } from '../documents/pointer.ts';
import { allPlugins } from '../plugins/all.ts';
import { assertFulfilled, type CompiledDocument, compileDocument } from './compile.ts';
import { compileConsumers } from './compile-consumers.ts';
import { compileCredential } from './compile-credential.ts';
import { compileCondition } from './condition.ts';
import type { CompileContext } from './prepare.ts';
import { compileRouteUpstream } from './route-upstream.ts';
import { compileShared } from './shared/compile-shared.ts';
import * as inherit from './shared/inherit.ts';
import type { SharedSource } from './shared/shared-object.ts';

/** Every object that a document names may exist: nothing is known of it. */
export const assumedObjects: SharedSource = { find: () => 'assumed' };

/** What judging a document needs. Without `shared`, every object that the document names is assumed to exist. */
export interface JudgeContext
  extends Omit<CompileContext, 'plugins' | 'compileCondition' | 'compileUpstream'> {
  /**
   * Whether something stands in for a value of the document that is not known here. An issue with such a value is none: the
   * true value may be right.
   */
  readonly isAssumed: (written: unknown) => boolean;
  /** The document as it is written. @default the document itself, in which nothing has been replaced */
  readonly written?: unknown;
}

/** The result of judging a document. */
export interface Judgement {
  /** Empty if the document would be in force, as far as its values are known. */
  readonly issues: readonly DocumentIssue[];
  /** All issues, also those with assumed values; undefined if there are none. */
  readonly error: DocumentError | undefined;
  /** Undefined for a document that is invalid, or that has an assumed value with an issue. */
  readonly compiled: CompiledDocument | undefined;
}

/**
 * Compiles a document as the proxy will. Something missing around it is an issue like any other: before it is written
 * there is nothing that it could wait for.
 *
 * @param document one route, consumer, credential or shared object, or an array of them
 */
export function judgeDocument(
  document: unknown,
  { isAssumed, written = document, ...context }: JudgeContext,
): Judgement {
  try {
    const compiled = compileDocument(document, {
      shared: assumedObjects,
      ...context,
      plugins: allPlugins,
      compileCondition,
      compileUpstream: compileRouteUpstream,
      ...{ compileShared, inherit },
      compileKeys: context.kind === 'consumer' ? compileConsumers : compileCredential,
    });
    assertFulfilled(compiled);
    return { issues: [], error: undefined, compiled };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const issues = error.issues.filter(({ pointer }) => !isAssumed(readPointer(written, pointer)));
    return { issues, error, compiled: undefined };
  }
}
