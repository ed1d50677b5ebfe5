/** Route documents, and helpers that load one. */

import {
  DocumentError,
  type DocumentIssue,
} from '../../functions/proxy/documents/document-error.ts';
import type { ReferenceRules } from '../../functions/proxy/documents/reference-rules.ts';
import { type PluginRegistry, plugins } from '../../functions/proxy/plugins/registry.ts';
import {
  assertFulfilled,
  type CompiledDocument,
  compileDocument,
} from '../../functions/proxy/routes/compile.ts';
import { loadCode } from '../../functions/proxy/routes/load-code.ts';
import type { CompileContext } from '../../functions/proxy/routes/prepare.ts';
import { nothingShared } from '../../functions/proxy/routes/shared/shared-object.ts';
import { functionUrlHost, rejectionOf, toServices } from './builders.ts';

export const functionUri = `https://${functionUrlHost}/base`;

/** Rules for references in documents of tests. */
export const rules: ReferenceRules = {
  root: '/countersign/test',
  secretPaths: ['/shared', '/aws/reference/secretsmanager/shared'],
  originSecret: '/aws/reference/secretsmanager/shared/origin',
  envPrefix: 'COUNTERSIGN_VAR_',
};

export const documentOf = (parts: Readonly<Record<string, unknown>> = {}) => ({
  uri: '/aws/*',
  plugins: { 'aws-lambda': { function_uri: functionUri, authorization: { iam: {} } } },
  ...parts,
});

/** A document whose only plugin has this configuration. */
export const lambdaDocument = (config: unknown) =>
  documentOf({ plugins: { 'aws-lambda': config } });

export type CompileParts = Partial<CompileContext> & {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly registry?: PluginRegistry;
};

/** @throws DocumentError for a malformed document, and for one that lacks something */
export async function compile(document: unknown, parts?: CompileParts): Promise<CompiledDocument> {
  const compiled = await compileAnyway(document, parts);
  assertFulfilled(compiled);
  return compiled;
}

/** @returns the compiled document, even if something is missing */
export async function compileAnyway(
  document: unknown,
  { secrets = {}, variables = {}, registry = plugins, ...parts }: CompileParts = {},
): Promise<CompiledDocument> {
  return compileDocument(document, {
    parameter: '/countersign/test/routes/hello',
    kind: 'route',
    references: {
      rules,
      readSecret: (name) => secrets[name.replace(`${rules.root}/secrets/`, '')],
      readVariable: (name) => variables[name],
    },
    ...(await loadCode(document, registry, {
      kind: parts.kind ?? 'route',
      shared: parts.shared ?? nothingShared,
    })),
    requireAccessPlugin: false,
    services: toServices(),
    ...parts,
  });
}

/** @returns the issues of an invalid document; the test fails if it is valid */
export async function issuesOf(
  document: unknown,
  parts?: CompileParts,
): Promise<readonly DocumentIssue[]> {
  const error = await rejectionOf(compile(document, parts));
  if (error instanceof DocumentError) return error.issues;
  throw error;
}
