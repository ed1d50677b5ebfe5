/** What compiling the document of a consumer, or of a credential, gives. */

import type { Consumer } from '../chain/exchange.ts';
import type { DocumentIssue } from '../documents/document-error.ts';

/** A consumer of a document, and what it lacks. */
export interface CompiledConsumer extends Consumer {
  /** Undefined when it lacks nothing. */
  readonly missing?: readonly DocumentIssue[] | undefined;
  /** Keys of the shared objects that it names; undefined without any. */
  readonly links?: readonly string[] | undefined;
}

/** @returns the user name; of a credential its name below `consumers/` */
export function toConsumerName({
  username,
  credentialId,
}: Pick<Consumer, 'username' | 'credentialId'>): string {
  return credentialId === undefined ? username : `${username}/credentials/${credentialId}`;
}
