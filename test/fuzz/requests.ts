/** Generated requests through the artefact: each is refused as documented, or arrives as it was sent and signed. */
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../../local/stack/credentials.ts';
import { findMarked, marked } from '../support/marked-secrets.ts';
import { type Received, startUpstream, type Upstream } from '../support/upstream.ts';
import { type Asked, askedEvent } from './asked.ts';
import type { Worker } from './campaign.ts';
import { throughFront, toEvent, toHttp } from './event.ts';
import { type Expected, toExpected } from './expected.ts';
import { toWire } from './expected-headers.ts';
import { Finding } from './finding.ts';
import { type Answer, type Lane, startLane } from './lane.ts';
import { toResolved } from './path-reader.ts';
import { toDocuments } from './routes.ts';

/** One request in so many goes over HTTP, if HTTP can say it. */
const httpShare = 2;

/** @param count is told what came of each request */
export async function startRequests(count: (outcome: string) => void): Promise<Worker<Asked>> {
  const verifier = createSigV4Verifier({
    service: 'execute-api',
    region: LOCAL_REGION,
    credentials: (id) =>
      id === LOCAL_CREDENTIALS.accessKeyId
        ? { secretAccessKey: marked.roleSecretKey, sessionToken: marked.roleSessionToken }
        : undefined,
  });
  let served = 0;
  const upstream = await startUpstream({
    verifier: (request) =>
      /^\/(as-is|plain-base)\b/.test(request.target)
        ? { ok: true, accessKeyId: 'nobody', signedHeaders: [] }
        : verifier(request),
    answer: (_, response) => {
      served += 1;
      response.setHeader('x-served', String(served)).end(`served ${served}`);
    },
  });
  const lane = await startLane({ routes: toDocuments(upstream.url), mayCut: false });
  let asks = 0;
  const check = async (asked: Asked) => {
    asks += 1;
    upstream.received.length = 0;
    const { expected, answer, way } = await ask(asked, { lane, upstream, asks });
    lane.check();
    if (expected.kind === 'problem') checkProblem(answer, expected, upstream.received);
    else {
      checkAnswer(answer, expected, served);
      checkArrival(expected, upstream.received, way);
    }
    count(
      `${way}: ${expected.kind === 'problem' ? `${answer.status} ${answer.code}` : expected.rule.id}`,
    );
  };
  return {
    arbitrary: askedEvent,
    check,
    async close() {
      await lane.close().finally(upstream.close);
    },
  };
}

type Way = 'event' | 'http';

async function ask(
  asked: Asked,
  {
    lane,
    upstream,
    asks,
  }: { readonly lane: Lane; readonly upstream: Upstream; readonly asks: number },
): Promise<{ expected: Expected; answer: Answer; way: Way }> {
  const host = new URL(upstream.url).host;
  const http = asks % httpShare === 0 ? toHttp(asked) : undefined;
  if (!http) {
    const answer = await lane.ask(toEvent(asked), `fuzz-${asks}`);
    return { expected: toExpected(asked, host), answer, way: 'event' };
  }
  const expected = toExpected(throughFront(http.asked), host);
  return { expected, answer: await lane.askOverHttp(http.request), way: 'http' };
}

type Problem = Extract<Expected, { kind: 'problem' }>;
type Arrival = Extract<Expected, { kind: 'arrives' }>;

const statuses: Readonly<Record<string, number>> = {
  MALFORMED_REQUEST: 400,
  UNSAFE_PATH: 400,
  NO_ROUTE: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  NO_UPSTREAM: 503,
};

function checkProblem(
  answer: Answer,
  { codes, allow }: Problem,
  received: readonly Received[],
): void {
  const { status, code = '', headers, body, isCut } = answer;
  const seen = { status, code, expected: codes };
  if (!codes.includes(code) || statuses[code] !== status || isCut)
    throw new Finding('another answer', seen);
  if (received.length > 0) throw new Finding('a refused request was sent', received[0]?.target);
  if (
    allow !== undefined &&
    !headers.some(([name, value]) => name === 'allow' && value === allow)
  ) {
    throw new Finding('another allow', headers);
  }
  const found = findMarked(JSON.stringify([headers, body.toString('latin1')]));
  if (found.length > 0) throw new Finding('a secret in a problem', found);
  if (body.length === 0) return;
  const problem = Object.keys(JSON.parse(body.toString()) as object)
    .sort()
    .join();
  if (problem !== 'code,requestId,status,title,type') throw new Finding('another problem', problem);
}

function checkAnswer(answer: Answer, { method }: Arrival, served: number): void {
  const { status, code, body, isCut, headers } = answer;
  const text = body.toString();
  const isOwn = headers.some(([name, value]) => name === 'x-served' && value === String(served));
  const isWhole = text === (method === 'HEAD' ? '' : `served ${served}`) && isOwn && !isCut;
  if (status !== 200 || code !== undefined || !isWhole) {
    throw new Finding('another answer', { status, code, text, served });
  }
}

/** Made by the signer or the connection; the verifier and what follows look at them. */
const apart = new Set([
  'authorization',
  'connection',
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-security-token',
]);

function checkArrival(expected: Arrival, received: readonly Received[], way: Way): void {
  const [request, ...more] = received;
  if (!request || more.length > 0) throw new Finding('not one request', received.length);
  const { rule, method, target, body } = expected;
  if (request.method !== method || request.target !== target) {
    throw new Finding('another target', {
      sent: `${method} ${target}`,
      got: `${request.method} ${request.target}`,
    });
  }
  if (!request.body.equals(body))
    throw new Finding('another body', request.body.toString('base64'));
  const base = toResolved(rule.base?.path ?? '');
  const resolved = toResolved(request.target.split('?', 1)[0] ?? '');
  if (resolved !== base && !resolved.startsWith(base === '/' ? base : `${base}/`)) {
    throw new Finding('the base was left', { base, resolved });
  }
  const isMadeUp = (name: string) => way === 'http' && name === 'x-amzn-trace-id';
  const isApart = (name: string) =>
    (apart.has(name) && (rule.isSigned || name === 'connection')) || isMadeUp(name);
  const got = JSON.stringify(toWire(request.rawHeaders.filter(([name]) => !isApart(name))));
  const sent = JSON.stringify(expected.headers.filter(([name]) => !isMadeUp(name)));
  if (got !== sent) throw new Finding('other headers', `\n  expected ${sent}\n  received ${got}`);
  checkSignature(request, rule);
}

function checkSignature(
  { rawHeaders, verification, header }: Received,
  rule: Arrival['rule'],
): void {
  for (const name of apart) {
    const values = rawHeaders.filter(([each]) => each === name);
    if (values.length > 1) throw new Finding('a header twice', values);
  }
  if (!rule.isSigned) return;
  if (verification?.ok !== true || verification.accessKeyId !== LOCAL_CREDENTIALS.accessKeyId) {
    throw new Finding('the verifier refuses', verification);
  }
  if (header('x-amz-security-token') !== marked.roleSessionToken)
    throw new Finding('another token', '');
  const isMeant = (name: string) =>
    name === 'host' ||
    name === 'content-type' ||
    name.startsWith('x-amz-') ||
    name === rule.forwardAs;
  const odd = verification.signedHeaders.filter((name) => !isMeant(name));
  if (odd.length > 0) throw new Finding('signed what networks may rewrite', odd);
}
