/** traffic-split through the built artefact: shares of a signed route go to other hosts, signed for these. */
import { startBothModes } from '../../support/both-modes.ts';
import { send } from '../../support/client.ts';
import { useSnapshotRig } from '../../support/publication.ts';
import {
  createVerifier,
  startUpstream,
  type Upstream,
  type UpstreamOptions,
} from '../../support/upstream.ts';

const { startSnapshotRig } = useSnapshotRig();

let stable: Upstream;
let canary: Upstream;
let plain: Upstream;

beforeAll(async () => {
  const verifier = createVerifier();
  const answer =
    (name: string): NonNullable<UpstreamOptions['answer']> =>
    ({ target }, response) => {
      response.end(`${name} ${target}`);
    };
  [stable, canary, plain] = await Promise.all([
    startUpstream({ verifier, answer: answer('stable') }),
    startUpstream({ verifier, answer: answer('canary') }),
    startUpstream({ answer: answer('plain') }),
  ]);
});

afterAll(() => Promise.all([stable, canary, plain].map((upstream) => upstream.close())));

const at = ({ port }: Upstream) => ({ nodes: { [`127.0.0.1:${port}`]: 1 } });

test('a share of a signed route goes to the node, with the path of function_uri and a signature for its host', async () => {
  const rig = await startSnapshotRig();
  const lambda = {
    ...{ function_uri: `${stable.url}/base?fixed=1`, authorization: { iam: {} } },
    ...{ timeout: 5000 },
  };
  await rig.edit('routes/split', {
    uri: '/split/*',
    plugins: {
      'aws-lambda': lambda,
      'traffic-split': {
        rules: [
          {
            match: [{ vars: [['http_x_canary', '==', 'yes']] }],
            weighted_upstreams: [{ upstream: at(canary) }],
          },
          { weighted_upstreams: [{ upstream: at(canary), weight: 1 }, { weight: 3 }] },
        ],
      },
    },
  });
  // Without aws-lambda the chosen upstream is called as it is, and the others go to the route's own.
  await rig.edit('routes/plain', {
    uri: '/plain/*',
    upstream: at(plain),
    plugins: {
      'traffic-split': {
        rules: [
          {
            match: [{ vars: [['arg_to', '==', 'other']] }],
            weighted_upstreams: [{ upstream: { nodes: {} } }],
          },
        ],
      },
    },
  });

  for (const { url } of await startBothModes(rig)) {
    const ask = async (target: string, headers: readonly [string, string][] = []) => {
      const response = await send(url, { method: 'POST', target, headers, body: 'x' });
      return `${response.status} ${response.status === 200 ? response.text() : response.header('countersign-error')}`;
    };
    expect(await ask('/split/a%2Fb?x=1', [['x-canary', 'yes']])).toBe(
      '200 canary /base/a%2Fb?fixed=1&x=1',
    );
    const answers: string[] = [];
    for (let each = 0; each < 8; each += 1) answers.push(await ask('/split/y'));
    expect(answers.filter((text) => text === '200 canary /base/y?fixed=1')).toHaveLength(2);
    expect(answers.filter((text) => text === '200 stable /base/y?fixed=1')).toHaveLength(6);

    expect(await ask('/plain/z')).toBe('200 plain /plain/z');
    expect(await ask('/plain/z?to=other')).toBe('503 NO_UPSTREAM');
  }
  expect(
    canary.received.map(({ verification, header }) => [verification?.ok, header('host')]),
  ).toEqual(Array.from({ length: 6 }, () => [true, `127.0.0.1:${canary.port}`]));
});
