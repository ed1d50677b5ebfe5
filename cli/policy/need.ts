import type { InvokeStatement } from '../../lib/proxy/function-statements.ts';

/** One action that a role must be allowed. */
export interface Need {
  readonly action: string;
  /** Being allowed one of these is enough: they are readings of the same request. */
  readonly resources: readonly string[];
  readonly conditions: NonNullable<InvokeStatement['conditions']>;
  /** Ids of the routes that need it; empty for the reading of documents. */
  readonly routes: readonly string[];
}
