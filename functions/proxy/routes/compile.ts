/** One document → the routes, consumers or shared objects that it puts in force. */
import { DocumentError, type DocumentIssue } from '../documents/document-error.ts';
import { compileRoutes } from './compile-routes.ts';
import type { CompiledConsumer } from './compiled-consumer.ts';
import type { DocumentContext, ItemContext } from './document-context.ts';
import { attempt, type Gathered } from './gathered.ts';
import { isSharedKind } from './kind.ts';
import type { Route } from './route.ts';
import type { SharedObject } from './shared/shared-object.ts';

/** The routes, consumers or shared objects of one document, with their plugins prepared. */
export interface CompiledDocument extends Readonly<Gathered> {
  /** Enabled routes only. Includes routes that lack something; they answer 503. */
  readonly routes: readonly Route[];
  /** Includes credentials, each as one more key of its consumer, and what lacks something: it lets in nobody. */
  readonly consumers: readonly CompiledConsumer[];
  /** The objects of a document of a shared kind; undefined for the others. */
  readonly shared?: readonly SharedObject[] | undefined;
  /** What is missing around a document that is well-formed. */
  readonly missing: readonly DocumentIssue[];
}

/**
 * @param document the parameter's value, parsed: one object of its kind, an array of them, or one credential
 * @throws DocumentError; nothing of a malformed document comes into force, of an array neither
 */
export function compileDocument(document: unknown, context: DocumentContext): CompiledDocument {
  const gathered: Gathered = { pools: [], warnings: [], substituted: [], patternSteps: 0 };
  const missing: DocumentIssue[] = [];
  const issues: DocumentIssue[] = [];
  const own = { ...context, gathered, missing, issues };
  const items = attempt(own, () => compileItems(document, own));
  if (!items || issues.length > 0) throw new DocumentError(issues);
  return { ...gathered, missing, ...items };
}

type Items = Pick<CompiledDocument, 'routes' | 'consumers' | 'shared'>;

function compileItems(document: unknown, context: ItemContext): Items {
  const { kind, compileKeys, compileShared } = context;
  if (kind === 'route') return { routes: compileRoutes(document, context), consumers: [] };
  if (!isSharedKind(kind)) {
    if (!compileKeys) throw new Error('what compiles consumers was not loaded');
    return { routes: [], consumers: compileKeys(document, context) };
  }
  if (!compileShared) throw new Error('what compiles shared objects was not loaded');
  return { routes: [], consumers: [], shared: compileShared(document, { ...context, kind }) };
}

/** Treats missing parts as faults: a document that is not written yet cannot wait for them. @throws DocumentError */
export function assertFulfilled({ missing }: Pick<CompiledDocument, 'missing'>): void {
  if (missing.length > 0) throw new DocumentError(missing);
}
