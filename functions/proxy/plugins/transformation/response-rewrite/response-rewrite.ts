/** Apache APISIX's `response-rewrite`: changes status, headers and body of responses. */
import * as v from 'valibot';
import type { Exchange } from '../../../chain/exchange.ts';
import { withoutHeader } from '../../../chain/with-header.ts';
import { integer } from '../../../documents/attributes.ts';
import { pointerTo } from '../../../documents/document-error.ts';
import { strictObject } from '../../../documents/schema.ts';
import { decodeBase64 } from '../../../http/decode.ts';
import { type ProxyError, toProxyError } from '../../../http/errors.ts';
import type { HeaderList, ProxyResponse } from '../../../http/message.ts';
import { toProblem } from '../../../http/problem.ts';
import { discardBody } from '../../../upstream/attempts.ts';
import { definePlugin, type PluginServices } from '../../plugin.ts';
import { toAnswerHeaders } from '../../rejection.ts';
import { compileVars } from '../../request-condition.ts';
import { compileFilters, type FilterBody, filtersSchema, partialContent } from './filters.ts';
import { type ChangeHeaders, compileHeaderActions, headerActions } from './header-actions.ts';
import { findResponseVariable, type ResponseSubject } from './response-variables.ts';

const schema = v.pipe(
  strictObject({
    status_code: v.optional(integer(200, 598)),
    body: v.optional(v.string()),
    body_base64: v.optional(v.boolean(), false),
    headers: v.optional(headerActions),
    vars: v.optional(v.array(v.unknown())),
    filters: v.optional(filtersSchema),
  }),
  v.check(({ body, filters }) => body === undefined || !filters, 'body or filters, not both'),
  v.check(
    ({ body = '', body_base64 }) =>
      !body_base64 || (body !== '' && decodeBase64(body) !== undefined),
    'a body in base64 beside body_base64',
  ),
);

type RewriteConfig = v.InferOutput<typeof schema>;

/** What is done with a response. */
interface Rewrite {
  readonly status: number | undefined;
  readonly body: Buffer | undefined;
  readonly changeHeaders: ChangeHeaders;
  readonly filter: FilterBody | undefined;
}

/** Changes responses on their way to the client. docs/plugins/response-rewrite.md. */
export const responseRewrite = definePlugin({
  name: 'response-rewrite',
  priority: 899,
  schema,
  create(config, services, { pointer }) {
    const rewrite = compile(config, services, pointer);
    // Parts of a body have another status, which conditions may not mean, and expressions may find nothing in them. Servers send
    // parts for other reasons than `Range` as well: `x-ms-range` of Azure, `partNumber` of S3.
    const isOfBody = rewrite.filter !== undefined || rewrite.body !== undefined;
    const { countSteps } = services;
    const at = pointerTo(pointer, 'vars');
    const holds = compileVars<ResponseSubject>(config.vars, {
      ...{ pointer: at, countSteps, findMore: findResponseVariable },
    });
    return async (exchange, next) => {
      let response: ProxyResponse;
      try {
        response = await next(isOfBody ? withoutHeader(exchange, 'range') : exchange);
      } catch (thrown) {
        throw rewriteError(toProxyError(thrown), exchange, { ...rewrite, holds });
      }
      const subject = toSubject(exchange, response);
      const holdsFor = (status: number) =>
        isMet(holds, toSubject(exchange, { ...response, status }), response);
      const isAsWhole = isOfBody && response.status === partialContent;
      const isRewritten = (await holdsFor(response.status)) || (isAsWhole && (await holdsFor(200)));
      return isRewritten ? rewriteResponse(response, subject, rewrite) : response;
    };
  },
});

function compile(
  { status_code: status, body, body_base64, headers, filters }: RewriteConfig,
  { countSteps }: PluginServices,
  pointer: string,
): Rewrite {
  const text = body === undefined || body_base64 ? undefined : Buffer.from(body);
  const context = { countSteps, pointer: pointerTo(pointer, 'filters') };
  return {
    status,
    body: body_base64 ? decodeBase64(body ?? '') : text,
    changeHeaders: compileHeaderActions(headers, pointerTo(pointer, 'headers')),
    filter: filters && compileFilters(filters, context),
  };
}

type Holds = (subject: ResponseSubject) => boolean;

/** A condition that cannot be decided refuses the request; the response is not read then. */
async function isMet(
  holds: Holds,
  subject: ResponseSubject,
  response: ProxyResponse,
): Promise<boolean> {
  try {
    return holds(subject);
  } catch (error) {
    await discardBody(response);
    throw error;
  }
}

function toSubject(
  exchange: Exchange,
  { status, headers }: Pick<ProxyResponse, 'status' | 'headers'>,
): ResponseSubject {
  return { ...exchange, response: { status, headers } };
}

/** What describes the body that came, and not the one that goes (RFC 9110 §8). */
const ofBody = new Set([
  ...['content-length', 'content-encoding', 'content-md5', 'content-range', 'content-digest'],
  ...['accept-ranges', 'digest', 'etag', 'last-modified', 'repr-digest'],
]);
/** Statuses whose responses have no body (RFC 9110 §15.3.5, §15.3.6, §15.4.5). */
const bodiless = new Set([204, 205, 304]);

async function rewriteResponse(
  response: ProxyResponse,
  subject: ResponseSubject,
  { status = response.status, body, changeHeaders, filter }: Rewrite,
): Promise<ProxyResponse> {
  const isEmptied = bodiless.has(status) && !bodiless.has(response.status);
  if (body === undefined && !filter && !isEmptied) {
    return { ...response, status, headers: changeHeaders(response.headers, subject) };
  }
  const kept = response.headers.filter(([name]) => !ofBody.has(name));
  const headers = changeHeaders(kept, subject);
  if (filter && !isEmptied) return { status, headers, body: await filter(response) };
  await discardBody(response);
  return { status, headers, body: isEmptied || !body ? Buffer.alloc(0) : body };
}

/** An error of the proxy keeps its code, for the log and in `countersign-error`. Filters are for bodies of upstreams. */
function rewriteError(
  error: ProxyError,
  exchange: Exchange,
  { status, body, changeHeaders, holds }: Rewrite & { readonly holds: Holds },
): ProxyError {
  const { status: own } = toProblem(error, '');
  const list: HeaderList = Object.entries(error.headers);
  const subject = toSubject(exchange, { status: own, headers: list });
  if (!holds(subject)) return error;
  const { headers, cookies } = toAnswerHeaders(changeHeaders(list, subject));
  const { answer } = error;
  return error.withAnswer(headers, {
    ...answer,
    status: status ?? own,
    cookies: [...(answer?.cookies ?? []), ...cookies],
    ...(body === undefined ? {} : { body }),
  });
}
