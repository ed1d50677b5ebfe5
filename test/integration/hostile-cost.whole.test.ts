/**
 * DESIGN §8: whatever a client sends costs at most 50 ms of CPU a megabyte, from the event to the signed request on its way.
 * The bound is ten times as wide, since CPU time is noisy; what was wrong here cost from 500 to 12,000 ms.
 */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { type ClientRequest, send } from '../support/client.ts';
import { readCpuMs, reportingOptions } from '../support/cpu-meter.ts';
import { fill, parts, places } from '../support/hostile-shapes.ts';
import { sample } from '../support/sample.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

/** With what a request has besides, no more than the megabyte that a function URL takes. */
const characters = 1_000_000;
const maxMs = 500;

describe('a megabyte of', () => {
  let artefact: Artefact;
  let upstream: Upstream;

  beforeAll(async () => {
    upstream = await startUpstream();
    const lambda = { function_uri: `${upstream.url}/`, authorization: { iam: {} } };
    artefact = await startArtefact({
      routes: { signed: { uri: '/signed/*', plugins: { 'aws-lambda': lambda } } },
      env: { COUNTERSIGN_REFRESH_SECONDS: '3600', NODE_OPTIONS: reportingOptions },
      maxEnvironments: 1,
    });
  });

  afterAll(() => Promise.all([artefact.close(), upstream.close()]));

  const ask = async (request: Partial<ClientRequest> = {}) => {
    const { status } = await send(artefact.url, {
      ...request,
      target: `/signed/${request.target ?? ''}`,
    });
    // A megabyte each.
    upstream.received.length = 0;
    return status;
  };

  it.each(Object.keys(places))('every text costs little CPU in %s', async (place) => {
    const costly: (readonly [part: string, ms: number])[] = [];
    // The first request loads what is lazy.
    await ask();
    let before = await readCpuMs(artefact);
    for (const part of sample(parts)) {
      const status = await ask(places[place]?.(fill(part, characters)));
      const after = await readCpuMs(artefact);
      if (after - before > maxMs) costly.push([part, after - before]);
      expect(status).toBeLessThan(503);
      before = after;
    }

    expect(costly).toEqual([]);
  });
});
