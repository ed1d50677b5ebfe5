/** A small seeded run of `npm run fuzz`: the same generators, oracles and artefact, and the kinds of outcome that must be seen. */
import { runCampaign } from '../fuzz/campaign.ts';
import { startRequests } from '../fuzz/requests.ts';
import { startStreams } from '../fuzz/streams.ts';

const options = { seed: 20_261_120, lanes: 2, limitMs: 60_000 };

test('2,000 generated requests are refused as documented, or arrive as they were sent', async () => {
  const { runs, outcomes } = await runCampaign(startRequests, { ...options, runs: 2000 });

  expect(runs).toBe(2000);
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining([
      'event: aws',
      'http: aws',
      'event: partial',
      'event: keyed',
      'event: 400 UNSAFE_PATH',
      'http: 400 UNSAFE_PATH',
      'event: 400 MALFORMED_REQUEST',
      'event: 404 NO_ROUTE',
      'event: 405 METHOD_NOT_ALLOWED',
    ]),
  );
}, 90_000);

test('400 generated streams arrive whole, or are refused or cut, and the next answer is its own', async () => {
  const { runs, outcomes } = await runCampaign(startStreams, { ...options, runs: 400 });

  expect(runs).toBe(400);
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining([
      'event: whole → relayed',
      'http: whole → relayed',
      'event: short → cut',
      'event: short → UPSTREAM_CUT',
      'event: invalid → UPSTREAM_INVALID_RESPONSE',
    ]),
  );
}, 90_000);
