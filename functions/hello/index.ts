/** The demo upstream: the greeter of Apache APISIX's `aws-lambda` documentation, behind an IAM function URL. */

/** The part of a function URL event (payload 2.0) or a REST API event (v1) that the greeter reads. */
export interface GreetingEvent {
  readonly queryStringParameters?: { readonly name?: string | undefined } | null;
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** A buffered answer in a form that function URLs and REST APIs accept. */
export interface GreetingResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Greets `name` from the query, else from the JSON body, else the world. It reads the body only if the query has no
 * name. A body that is not JSON is answered with 400.
 */
export async function handler(event: GreetingEvent): Promise<GreetingResult> {
  try {
    const name = event.queryStringParameters?.name || readBodyName(event) || 'world';
    return toResult(200, `Hello, ${name}!`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return toResult(400, { message: 'The body is not valid JSON.' });
  }
}

function readBodyName({ body, isBase64Encoded }: GreetingEvent): string | undefined {
  if (!body) return undefined;
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('name' in parsed)) return undefined;
  return typeof parsed.name === 'string' ? parsed.name : undefined;
}

function toResult(statusCode: number, value: unknown): GreetingResult {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}
