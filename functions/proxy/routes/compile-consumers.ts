/** Consumer documents: users of routes with authentication plugins, their credentials and their plugins. */

import * as v from 'valibot';
import { documentError, pointerTo } from '../documents/document-error.ts';
import { parseWith, recordOf, refuseInheritedKeys, strictObject } from '../documents/schema.ts';
import { readCredentials } from './compile-credential.ts';
import type { CompiledConsumer } from './compiled-consumer.ts';
import type { ItemContext } from './document-context.ts';
import { attempt } from './gathered.ts';
import { toItems } from './items.ts';
import { noRetries, type PluginToPrepare, preparePlugins, readPlugins } from './prepare.ts';
import { idEntries, pluginsSchema, schemaEntries, timeEntries } from './schema.ts';
import { followLinks } from './shared/links.ts';

const username = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,100}$/, '1 to 100 letters, digits, `_`, `.` or `-`'),
);

/** `custom_id` goes upstream in a header (`x-consumer-custom-id`). */
const labels = v.pipe(
  recordOf(v.string()),
  v.check(
    ({ custom_id }) => custom_id === undefined || /^[\x21-\x7e]{1,256}$/.test(custom_id),
    'a custom_id of 1 to 256 printable ASCII characters',
  ),
);

/** Field names and meanings of an Apache APISIX consumer. */
export const consumerSchema = strictObject({
  username: v.optional(username),
  desc: v.optional(v.string()),
  labels: v.optional(labels, {}),
  plugins: pluginsSchema,
  group_id: idEntries.id,
  ...timeEntries,
  ...schemaEntries,
});

/** @throws DocumentError */
export function compileConsumers(
  document: unknown,
  context: ItemContext,
): readonly CompiledConsumer[] {
  const consumers = new Map<string, CompiledConsumer>();
  for (const { item, pointer, ownId } of toItems(document, context.parameter)) {
    refuseInheritedKeys(item, pointer);
    const parsed = attempt(context, () =>
      parseWith(consumerSchema, item, { pointer, written: item }),
    );
    if (!parsed) continue;
    const name = parsed.username ?? ownId;
    if (name === undefined || consumers.has(name)) {
      throw documentError(
        pointerTo(pointer, 'username'),
        name,
        'a username of its own for each consumer of an array',
      );
    }
    const consumer = compileConsumer(parsed, { name, pointer }, context);
    context.gathered.warnings.push(...toReplacements(consumer, context));
    consumers.set(name, consumer);
  }
  return [...consumers.values()];
}

function compileConsumer(
  document: v.InferOutput<typeof consumerSchema>,
  { name, pointer }: { readonly name: string; readonly pointer: string },
  context: ItemContext,
): CompiledConsumer {
  const list = readPlugins(document.plugins, pointer, context);
  const { credentials, missing } = readCredentials(list, context, assertForConsumers);
  const followed = followLinks(document, pointer, context);
  const ofGroup = followed && context.inherit?.readInherited(followed, document.plugins, context);
  const others = [...list.filter(({ plugin }) => !plugin.consumer), ...(ofGroup?.entries ?? [])];
  const own = preparePlugins(others, context, { retry: noRetries, id: name, isOff: false });
  const withheldHeaders =
    (followed && context.inherit?.readWithheldHeaders(followed, context)) ?? [];
  const ofLinks = [...(followed?.missing ?? []), ...(ofGroup?.missing ?? [])];
  const lacking = [...missing, ...ofLinks, ...own.missing];
  context.missing.push(...lacking);
  return {
    username: name,
    parameter: context.parameter,
    isAvailable: lacking.length === 0,
    ...(lacking.length > 0 ? { missing: lacking } : {}),
    ...(followed ? { links: followed.keys } : {}),
    labels: document.labels,
    credentials,
    plugins: own.plugins,
    identityHeaders: [...own.names.identityHeaders, ...withheldHeaders],
  };
}

/** As in APISIX, a consumer's plugin runs in place of the route's. A consumer then passes where the route's would refuse it. */
function toReplacements(
  { username, plugins: own }: CompiledConsumer,
  { plugins }: ItemContext,
): readonly string[] {
  return own
    .filter(({ name }) => plugins.get(name)?.canRefuseClients)
    .map(
      ({ name }) =>
        `consumer ${username}: its ${name} runs in place of the ${name} of each route, which does not count for this consumer`,
    );
}

function assertForConsumers({ plugin, pointer }: PluginToPrepare): void {
  const { isUpstream, isAuthentication, consumer } = plugin;
  if (!isUpstream && (consumer || !isAuthentication)) return;
  const does = isUpstream ? 'calls the upstream' : 'recognises the clients';
  throw documentError(pointer, {}, `a plugin for consumers: this one ${does} of a route`);
}
