/** Apache APISIX's `fault-injection`: delays requests, or answers them in place of the rest of the route. */
import * as v from 'valibot';
import type { Exchange } from '../../chain/exchange.ts';
import { integer } from '../../documents/attributes.ts';
import { pointerTo } from '../../documents/document-error.ts';
import { strictObject } from '../../documents/schema.ts';
import type { HeaderList, ProxyResponse } from '../../http/message.ts';
import { definePlugin, type PluginServices } from '../plugin.ts';
import { compileAlternatives } from '../request-condition.ts';
import { compileResponseHeaders, responseHeaders } from '../response-headers.ts';
import { compileText } from '../text-template.ts';
import { waitInTime } from '../wait.ts';

const chanceEntries = {
  percentage: v.optional(integer(0, 100), 100),
  vars: v.optional(v.array(v.array(v.unknown()))),
};
const abortSchema = strictObject({
  http_status: integer(200, 599),
  body: v.optional(v.string(), ''),
  headers: v.optional(responseHeaders, {}),
  ...chanceEntries,
});
const delaySchema = strictObject({
  duration: v.pipe(v.number(), v.minValue(0, 'a number of seconds from 0')),
  ...chanceEntries,
});

const schema = v.pipe(
  strictObject({ abort: v.optional(abortSchema), delay: v.optional(delaySchema) }),
  v.check(({ abort, delay }) => abort !== undefined || delay !== undefined, 'abort, delay or both'),
);

type Chance = Pick<v.InferOutput<typeof delaySchema>, 'percentage' | 'vars'>;

/** Injects delays and answers, for tests of clients. docs/plugins/fault-injection.md. */
export const faultInjection = definePlugin({
  name: 'fault-injection',
  priority: 11_000,
  schema,
  create({ abort, delay }, services, { pointer }) {
    const isDelayed = compileChance(delay, services, pointerTo(pointer, 'delay'));
    const isAborted = compileChance(abort, services, pointerTo(pointer, 'abort'));
    const answer = compileAnswer(abort, pointerTo(pointer, 'abort'));
    const delayMs = (delay?.duration ?? 0) * 1000;
    return async (exchange, next) => {
      if (isDelayed(exchange)) await waitInTime(delayMs, exchange, services);
      return isAborted(exchange) ? answer(exchange) : next(exchange);
    };
  },
});

function compileChance(
  chance: Chance | undefined,
  { countSteps, random }: PluginServices,
  pointer: string,
): (exchange: Exchange) => boolean {
  if (!chance) return () => false;
  const { percentage, vars } = chance;
  const holds = compileAlternatives(vars, { pointer: pointerTo(pointer, 'vars'), countSteps });
  return (exchange) => random() * 100 < percentage && holds(exchange);
}

function compileAnswer(
  abort: v.InferOutput<typeof abortSchema> | undefined,
  pointer: string,
): (exchange: Exchange) => ProxyResponse {
  const { http_status: status = 200, body = '', headers = {} } = abort ?? {};
  const toBody = compileText<Exchange>(body, { pointer: pointerTo(pointer, 'body') });
  const toHeaders = compileResponseHeaders<Exchange>(headers, {
    pointer: pointerTo(pointer, 'headers'),
  });
  return (exchange) => {
    const own = toHeaders(exchange);
    const isTyped = own.some(([name]) => name === 'content-type');
    const type: HeaderList = isTyped ? [] : [['content-type', 'text/plain; charset=utf-8']];
    return { status, headers: [...type, ...own], body: Buffer.from(toBody(exchange)) };
  };
}
