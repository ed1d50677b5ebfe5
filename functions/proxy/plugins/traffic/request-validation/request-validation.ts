/** Apache APISIX's `request-validation`: refuses requests whose headers or body do not fit a JSON Schema. */
import * as v from 'valibot';
import type { Exchange } from '../../../chain/exchange.ts';
import { readSaidHeader } from '../../../chain/said-headers.ts';
import { createSpellingFilter } from '../../../chain/with-header.ts';
import { integer, message } from '../../../documents/attributes.ts';
import { pointerTo } from '../../../documents/document-error.ts';
import { recordOf, strictObject } from '../../../documents/schema.ts';
import { ProxyError } from '../../../http/errors.ts';
import { definePlugin, type PluginServices } from '../../plugin.ts';
import { rejection } from '../../rejection.ts';
import { readValue } from './body.ts';
import { prepareSchema } from './prepare-schema.ts';
import { compileValidator } from './validator.ts';

const schema = v.pipe(
  strictObject({
    header_schema: v.optional(recordOf(v.unknown())),
    body_schema: v.optional(recordOf(v.unknown())),
    rejected_code: v.optional(integer(200, 599), 400),
    rejected_msg: v.optional(message),
  }),
  v.check(
    ({ header_schema, body_schema }) => header_schema !== undefined || body_schema !== undefined,
    'header_schema, body_schema or both',
  ),
);

/** A larger body is refused before it is parsed. */
const maxBodyBytes = 1_048_576;
/** Schemas times bytes: each value of a body may be compared with each schema. */
const maxWork = 20_000_000;

type FindFault = (exchange: Exchange) => string | undefined;

/** Validates headers and bodies; answers `MALFORMED_REQUEST`. docs/plugins/request-validation.md. */
export const requestValidation = definePlugin({
  name: 'request-validation',
  priority: 2800,
  schema,
  create(
    { header_schema, body_schema, rejected_code: status, rejected_msg },
    services,
    { pointer },
  ) {
    const headers = compileHeaders(header_schema, services, pointerTo(pointer, 'header_schema'));
    const findFault = compileBody(body_schema, services, pointerTo(pointer, 'body_schema'));
    const withoutSpellings = createSpellingFilter(headers.names);
    const refuse = (reason: string) =>
      rejection('MALFORMED_REQUEST', {
        ...{ plugin: 'request-validation', status, reason },
        message: rejected_msg ?? reason,
      });
    return async (received, next) => {
      const exchange = withoutSpellings(received);
      const fault = headers.findFault(exchange) ?? findFault(exchange);
      if (fault !== undefined) throw refuse(fault);
      return next(exchange);
    };
  },
});

function compileHeaders(
  written: Readonly<Record<string, unknown>> | undefined,
  { countSteps }: PluginServices,
  pointer: string,
): { readonly names: ReadonlySet<string>; readonly findFault: FindFault } {
  if (!written) return { names: new Set(), findFault: () => undefined };
  const prepared = prepareSchema(written, { pointer, isOfHeaders: true });
  const validate = compileValidator(prepared, { pointer, countSteps });
  const { properties, required } = Object(prepared.schema) as Readonly<Record<string, unknown>>;
  const names = [...Object.keys(Object(properties)), ...(Array.isArray(required) ? required : [])];
  return {
    names: new Set(names.filter((name) => name !== 'host')),
    findFault: (exchange) => validate(toHeaders(exchange, names)),
  };
}

/** Headers as other plugins see them: what plugins have said, and else the client's own. */
function toHeaders(exchange: Exchange, names: readonly string[]): Readonly<Record<string, string>> {
  const { request } = exchange;
  const headers: Record<string, string> = Object.create(null);
  for (const name of new Set([...Object.keys(request.headers), ...names])) {
    const value = name === 'host' ? request.host : readSaidHeader(exchange, name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function compileBody(
  written: Readonly<Record<string, unknown>> | undefined,
  { countSteps }: PluginServices,
  pointer: string,
): FindFault {
  if (!written) return () => undefined;
  const prepared = prepareSchema(written, { pointer, isOfHeaders: false });
  const validate = compileValidator(prepared, { pointer, countSteps });
  return ({ request }) => {
    const size = request.body.length;
    if (size > maxBodyBytes || size * prepared.parts > maxWork) {
      throw new ProxyError('BODY_TOO_LARGE', `${size} bytes are too many for the schema`);
    }
    const read = readOrFault(() => readValue(request));
    return 'fault' in read ? read.fault : validate(read.value);
  };
}

/** A body that cannot be read is refused as one that does not fit. */
function readOrFault(
  read: () => unknown,
): { readonly value: unknown } | { readonly fault: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof ProxyError) return { fault: error.message };
    throw error;
  }
}
