/** What compiling one document takes: its surroundings, the code that few documents need, and where faults go. */
import type { DocumentIssue } from '../documents/document-error.ts';
import type { CompiledConsumer } from './compiled-consumer.ts';
import type { Gathering } from './gathered.ts';
import type { CompileContext } from './prepare.ts';
import type { compileShared } from './shared/compile-shared.ts';
import type { Inherit } from './shared/inherit.ts';

/** What compiling needs beside the document's own text. */
export interface DocumentContext extends CompileContext {
  /** Needed for documents of consumers and of credentials. */
  readonly compileKeys?:
    | ((document: unknown, context: ItemContext) => readonly CompiledConsumer[])
    | undefined;
  /** Needed for documents of shared kinds. */
  readonly compileShared?: typeof compileShared | undefined;
  /** Needed for documents with a route or consumer that names a shared object. */
  readonly inherit?: Inherit | undefined;
}

/** A document that is being compiled. */
export interface ItemContext extends DocumentContext, Gathering {
  readonly missing: DocumentIssue[];
}
