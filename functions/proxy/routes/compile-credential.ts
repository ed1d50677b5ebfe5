/** Credentials: what clients of a consumer authenticate with, in the consumer's own document or in one for each. */

import * as v from 'valibot';
import type { Consumer, Credential } from '../chain/exchange.ts';
import { type DocumentIssue, documentError } from '../documents/document-error.ts';
import { parseWith, refuseInheritedKeys, strictObject } from '../documents/schema.ts';
import type { CompiledConsumer } from './compiled-consumer.ts';
import { fulfil, type Outcome } from './fault.ts';
import { attempt } from './gathered.ts';
import { readOwner } from './kind.ts';
import { type GatheringContext, type PluginToPrepare, readPlugins, toWarnings } from './prepare.ts';
import { idEntries, noteEntries, pluginsSchema, schemaEntries, timeEntries } from './schema.ts';

/** Field names and meanings of an Apache APISIX credential. */
export const credentialSchema = strictObject({
  ...idEntries,
  ...noteEntries,
  plugins: v.pipe(
    pluginsSchema,
    v.check(
      (plugins) => Object.keys(plugins).length <= 1,
      'one plugin at most: another one has a credential of its own',
    ),
  ),
  ...timeEntries,
  ...schemaEntries,
});

type CredentialContext = GatheringContext & { readonly missing: DocumentIssue[] };

/**
 * @returns one entry, whose key is one more of the consumer that the parameter's name says
 * @throws DocumentError
 */
export function compileCredential(
  document: unknown,
  context: CredentialContext,
): readonly CompiledConsumer[] {
  refuseInheritedKeys(document, '');
  const parsed = parseWith(credentialSchema, document, { pointer: '', written: document });
  const { parameter } = context;
  const { username, id } = readOwner(parameter);
  const list = readPlugins(parsed.plugins, '', context);
  const { credentials, missing } = readCredentials(list, context, assertAuthenticates);
  context.missing.push(...missing);
  return [
    {
      ...{ parameter, username, credentialId: parsed.id ?? id, credentials },
      isAvailable: missing.length === 0,
      ...(missing.length > 0 ? { missing } : {}),
      ...{ labels: {}, plugins: [], identityHeaders: [] },
    },
  ];
}

function assertAuthenticates({ plugin, pointer }: PluginToPrepare): void {
  if (plugin.consumer) return;
  throw documentError(
    pointer,
    {},
    'a plugin that authenticates consumers, such as key-auth: others are in the document of the consumer',
  );
}

/** @param assertFits throws for a plugin that has no place in the document */
export function readCredentials(
  list: readonly PluginToPrepare[],
  context: CredentialContext,
  assertFits: (entry: PluginToPrepare) => void,
): Pick<Consumer, 'credentials'> & { readonly missing: readonly DocumentIssue[] } {
  const credentials = new Map<string, Credential>();
  const missing: DocumentIssue[] = [];
  for (const entry of list) {
    const { plugin, isDisabled } = entry;
    const result = attempt(context, () => {
      assertFits(entry);
      return readCredential(entry, context);
    });
    if (!result) continue;
    if ('made' in result) {
      if (!isDisabled) credentials.set(plugin.name, result.made);
    } else if (isDisabled) context.gathered.warnings.push(...toWarnings(result.missing));
    else missing.push(...result.missing);
  }
  return { credentials, missing };
}

/** @returns undefined for a plugin that does not authenticate consumers */
function readCredential(
  entry: PluginToPrepare,
  { services: { log }, gathered }: CredentialContext,
): Outcome<Credential> | undefined {
  const { consumer } = entry.plugin;
  return (
    consumer &&
    fulfil(entry, {
      schema: consumer.schema,
      make() {
        const settings = parseWith(consumer.schema, entry.config, entry);
        if (!entry.isDisabled) gathered.warnings.push(...(consumer.toWarnings?.(settings) ?? []));
        return { key: consumer.toKey(settings), settings };
      },
      log,
    })
  );
}
