/** The members of events of both payload versions that this handler reads. */
interface AnyEvent {
  readonly rawPath?: string;
  readonly rawQueryString?: string;
  readonly path?: string;
  readonly httpMethod?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly multiValueQueryStringParameters?: unknown;
  readonly requestContext: { readonly http?: { readonly method: string }; readonly path?: string };
  readonly body?: string | null;
  readonly isBase64Encoded: boolean;
}

/** A demo upstream that answers with the request that it received. */
export function echo(event: unknown): unknown {
  const { headers, requestContext, ...request } = event as AnyEvent;
  const answer = {
    method: requestContext.http?.method ?? request.httpMethod,
    path: request.rawPath ?? requestContext.path,
    query: request.rawQueryString ?? request.multiValueQueryStringParameters,
    headers,
    body: request.body ?? null,
    isBase64Encoded: request.isBase64Encoded,
  };
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(answer, null, 2)}\n`,
  };
}
