/** Routes with plugins that refuse clients, or seem to. */

import { DocumentError } from '../../functions/proxy/documents/document-error.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { type CompileParts, compile as compileDocument } from './documents.ts';

export function compile(plugins: object, parts?: CompileParts): Promise<CompiledDocument> {
  return compileDocument({ uri: '/*', plugins }, parts);
}

/** @returns whether the document is refused if every route must have an access plugin */
export async function rejectionOfOpen(plugins: object): Promise<boolean> {
  try {
    await compile(plugins, { requireAccessPlugin: true });
    return false;
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    expect(error.issues[0]?.pointer).toBe('/plugins');
    return true;
  }
}
