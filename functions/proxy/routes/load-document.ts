/** A parameter's text → the document in force. */

import { createHash } from 'node:crypto';
import { DocumentError } from '../documents/document-error.ts';
import { parseJson } from '../documents/json.ts';
import { type CompiledDocument, compileDocument } from './compile.ts';
import type { DocumentInForce } from './in-force.ts';
import { parseKind } from './kind.ts';
import { loadCode } from './load-code.ts';
import type { LoadState } from './load-state.ts';
import type { Parameter } from './parameters.ts';
import { describeLinked } from './shared/shared-object.ts';

/** @throws DocumentError for a malformed text; what a well-formed one lacks is `missing` */
export async function putInForce(parameter: Parameter, state: LoadState): Promise<DocumentInForce> {
  const { previous, shared } = state;
  const isSame = previous && isSettled(previous) && previous.text === parameter.value;
  const isAsStrict = previous?.isStrict === state.compile.requireAccessPlugin;
  if (isSame && isAsStrict && previous.linked === describeLinked(previous.links, shared)) {
    return { ...previous, version: parameter.version };
  }
  const compiled = await compileText(parameter, state);
  const linked = describeLinked(compiled.links, shared);
  const digest = createHash('sha256')
    .update(JSON.stringify([parameter.name, parameter.value, compiled.substituted]))
    .update(compiled.missing.map((issue) => JSON.stringify(issue)).join())
    .update(linked)
    .digest('hex');
  const isStrict = state.compile.requireAccessPlugin;
  if (previous?.digest === digest) return { ...previous, version: parameter.version, isStrict };
  const { name, version, value: text } = parameter;
  for (const warning of compiled.warnings) {
    state.findings.warnings.push({ parameter: name, version, text: warning });
  }
  return { ...compiled, parameter: name, version, text, digest, linked, isStrict, withheld: [] };
}

/** Whether nothing but another text changes what is in force. */
export function isSettled({ missing, substituted }: CompiledDocument): boolean {
  return missing.length === 0 && substituted.length === 0;
}

/** Every route and consumer of it is in force. */
export function isWhole({ missing, withheld }: DocumentInForce): boolean {
  return missing.length === 0 && withheld.length === 0;
}

async function compileText(
  { name, value }: Parameter,
  { compile, registry, root, tree, findings, shared }: LoadState,
): Promise<CompiledDocument> {
  const document = await parseJson(value);
  try {
    const kind = parseKind(name, root);
    const code = await loadCode(document, registry, { kind, shared });
    const references = tree.referencesOf(value);
    const context = { ...compile, parameter: name, kind, references, shared, ...code };
    return compileDocument(document, context);
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    // Our bug, and still no reason to take the other documents down.
    findings.failures.push({ parameter: name, error });
    const issue = { pointer: '', found: 'a document that the proxy fails on', expected: 'none' };
    throw new DocumentError([issue], { cause: error });
  }
}
