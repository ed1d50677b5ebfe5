/** Apache APISIX's `azure-functions`: the generic upstream of `aws-lambda`, with the keys of Azure Functions. */
import * as v from 'valibot';
import { headerValue, strictObject } from '../../documents/schema.ts';
import { toDashed } from '../../http/headers.ts';
import { genericUpstreamEntries, parseFunctionUri } from '../../upstream/attributes.ts';
import { type Authorize, createUpstream } from '../../upstream/call.ts';
import { definePlugin } from '../plugin.ts';

const authorization = strictObject({
  apikey: v.optional(headerValue),
  clientid: v.optional(headerValue),
});
type AzureAuthorization = v.InferOutput<typeof authorization>;

const schema = strictObject({
  ...genericUpstreamEntries,
  authorization: v.optional(authorization, {}),
});

/** Calls an Azure function with its key. docs/plugins/azure-functions.md. */
export const azureFunctions = definePlugin({
  name: 'azure-functions',
  priority: -1900,
  isUpstream: true,
  schema,
  create(config, services, context) {
    const target = parseFunctionUri(config.function_uri, services.allowedHosts, context);
    // Nothing is signed, so that the client's Authorization may keep its name.
    const { apikey, clientid } = config.authorization;
    const hasKeys = (apikey ?? clientid) !== undefined;
    const call = { config, target, forwardAs: 'authorization', apiKey: undefined, hasKeys };
    const authorize = createAuthorize(config.authorization);
    return createUpstream({ ...call, authorizeFor: () => ({ authorize }) }, services);
  },
});

/** The document's keys replace a client's own, under both names. Without keys in the document, a client's own pass. */
function createAuthorize({ apikey, clientid }: AzureAuthorization): Authorize {
  const keys: [string, string][] = [];
  if (apikey !== undefined) keys.push(['x-functions-key', apikey]);
  if (clientid !== undefined) keys.push(['x-functions-clientid', clientid]);
  if (keys.length === 0) return async (request) => ({ request });
  const isKey = (name: string) => /^x-functions-(key|clientid)$/.test(toDashed(name));
  return async (request) => {
    const headers = [...request.headers.filter(([name]) => !isKey(name)), ...keys];
    return { request: { ...request, headers } };
  };
}
