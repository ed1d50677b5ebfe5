/** Generated upstream bytes through the artefact: what is valid arrives whole, and what is not never looks as if it were. */

import { setTimeout as pause } from 'node:timers/promises';
import { plain, type Step, startRawUpstream } from '../support/raw-upstream.ts';
import type { Worker } from './campaign.ts';
import { Finding } from './finding.ts';
import { type Answer, type Lane, startLane } from './lane.ts';
import { playedStream } from './played.ts';
import type { Reading } from './reading.ts';
import { parseResponse } from './reference-parser.ts';
import { type Played, toBytes, toSteps } from './script.ts';
import { checkStream, toOutcome } from './stream-oracle.ts';

/** One in so many is asked for over HTTP. */
const httpShare = 8;
/** The proxy's shortest: for what is left open before it is complete. */
const shortTimeoutMs = 100;

/** @param count is told what came of each stream */
export async function startStreams(count: (outcome: string) => void): Promise<Worker<Played>> {
  let steps: readonly Step[] = [];
  const upstream = await startRawUpstream(({ target }) =>
    target.includes('/after-') ? [plain(`this is ${target}`)] : steps,
  );
  const route = (uri: string, timeout: number) => ({
    uri,
    plugins: { 'aws-lambda': { function_uri: upstream.url, authorization: { iam: {} }, timeout } },
  });
  const lane = await startLane({
    routes: { long: route('/long/*', 10_000), short: route('/short/*', shortTimeoutMs) },
    mayCut: true,
  });
  let asks = 0;
  const check = async (played: Played) => {
    asks += 1;
    upstream.requests.length = 0;
    const bytes = toBytes(played);
    steps = toSteps(played, bytes);
    const reading = parseResponse(bytes, played);
    const way = asks % httpShare === 0 ? 'http' : 'event';
    const target = mayWait(played, reading) ? `/short/${asks}` : `/long/${asks}`;
    const answer = await ask(lane, { way, method: played.method, target });
    lane.check();
    checkStream(answer, { played, reading, way });
    await upstream.played();
    // What stands behind the message has to reach an idle connection: under a request it would be an answer to it.
    if (reading.rest > 0 || reading.verdict !== 'whole') await pause(2);
    await checkNext(lane, asks);
    count(`${way}: ${toOutcome(answer, reading)}`);
  };
  return {
    arbitrary: playedStream,
    check,
    close: () => lane.close().finally(upstream.close),
  };
}

interface Asking {
  readonly way: 'http' | 'event';
  readonly method: string;
  readonly target: string;
}

function ask(lane: Lane, { way, method, target }: Asking): Promise<Answer> {
  const body = method === 'POST' ? 'x' : '';
  if (way === 'http') return lane.askOverHttp({ method, target, ...(body ? { body } : {}) });
  const event = {
    version: '2.0',
    rawPath: target,
    rawQueryString: '',
    headers: { host: 'proxy.example' },
    requestContext: { http: { method, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7' } },
    isBase64Encoded: false,
    body,
  };
  return lane.ask(event, `fuzz${target.replaceAll('/', '-')}`);
}

/** Whatever was played: the next request of the same environment gets its own answer, and nothing that was left over. */
async function checkNext(lane: Lane, asks: number): Promise<void> {
  const target = `/after-${asks}`;
  const next = await ask(lane, { way: 'event', method: 'GET', target: `/long${target}` });
  const text = next.body.toString();
  if (next.status !== 200 || next.isCut || text !== `this is ${target}`) {
    throw new Finding('the next request suffers', { status: next.status, code: next.code, text });
  }
}

function mayWait({ end }: Played, { verdict, doubts }: Reading): boolean {
  return end === 'open' && (verdict !== 'whole' || doubts.length > 0);
}
