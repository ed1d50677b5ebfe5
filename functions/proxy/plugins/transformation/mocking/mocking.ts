/** Apache APISIX's `mocking`: answers by an example or a schema, and calls no upstream. */
import * as v from 'valibot';
import type { Exchange } from '../../../chain/exchange.ts';
import { eitherOf, integer } from '../../../documents/attributes.ts';
import { documentError, pointerTo } from '../../../documents/document-error.ts';
import { recordOf, strictObject } from '../../../documents/schema.ts';
import type { HeaderList } from '../../../http/message.ts';
import { definePlugin, type PluginServices } from '../../plugin.ts';
import { compileResponseHeaders, responseHeaders } from '../../response-headers.ts';
import { compileText } from '../../text-template.ts';
import { waitInTime } from '../../wait.ts';
import { compileExample, type MakeExample, toXml } from './example.ts';

const mediaTypes = ['application/json', 'application/xml', 'text/plain', 'text/html', 'text/xml'];
const defaultType = 'application/json;charset=utf8';

const schema = v.pipe(
  strictObject({
    delay: v.optional(integer(0, 900), 0),
    response_status: v.optional(integer(200, 599), 200),
    content_type: v.optional(
      v.pipe(
        v.string(),
        v.regex(/^[\x20-\x7e]*$/, 'a media type'),
        v.check(
          (text) => text === '' || mediaTypes.includes(toMediaType(text)),
          `one of ${mediaTypes.join(', ')}, with parameters or without`,
        ),
      ),
      defaultType,
    ),
    response_example: v.optional(v.string()),
    response_schema: v.optional(recordOf(v.unknown())),
    response_headers: v.optional(responseHeaders, {}),
    with_mock_header: v.optional(v.boolean(), true),
  }),
  eitherOf('response_example', 'response_schema'),
);

type MockingConfig = v.InferOutput<typeof schema>;

/** Answers with made-up data. docs/plugins/mocking.md. */
export const mocking = definePlugin({
  name: 'mocking',
  priority: 10_900,
  schema,
  create(config, services, { pointer }) {
    const { response_status: status, with_mock_header, delay } = config;
    const type = config.content_type === '' ? defaultType : config.content_type;
    const toBody = compileBody(config, services, pointer);
    const toHeaders = compileResponseHeaders<Exchange>(config.response_headers, {
      pointer: pointerTo(pointer, 'response_headers'),
    });
    const mark: HeaderList = with_mock_header ? [['x-mock-by', 'countersign']] : [];
    return async (exchange) => {
      await waitInTime(delay * 1000, exchange, services);
      const own = toHeaders(exchange);
      const isTyped = own.some(([name]) => name === 'content-type');
      const first: HeaderList = isTyped ? [] : [['content-type', type]];
      return { status, headers: [...first, ...mark, ...own], body: Buffer.from(toBody(exchange)) };
    };
  },
});

function compileBody(
  { content_type, response_example, response_schema }: MockingConfig,
  { random }: PluginServices,
  pointer: string,
): (exchange: Exchange) => string {
  if (response_example !== undefined) {
    return compileText<Exchange>(response_example, {
      pointer: pointerTo(pointer, 'response_example'),
    });
  }
  const at = pointerTo(pointer, 'response_schema');
  const type = toMediaType(content_type);
  if (type === 'text/html') {
    throw documentError(at, response_schema, 'response_example beside the media type text/html');
  }
  const make: MakeExample = compileExample(response_schema, at);
  const write = type.endsWith('/xml') ? toXml : (value: unknown) => JSON.stringify(value);
  return () => write(make(random));
}

function toMediaType(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
