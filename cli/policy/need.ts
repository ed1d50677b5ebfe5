import type { InvokeStatement } from '../../lib/proxy/function-statements.ts';

/** One action that a role must be allowed. */
export interface Need {
  readonly action: string;
  /** One of these is enough, because they are readings of the same request. */
  readonly resources: readonly string[];
  readonly conditions: NonNullable<InvokeStatement['conditions']>;
  /** Ids of the routes that need it; empty for reading documents. */
  readonly routes: readonly string[];
}
