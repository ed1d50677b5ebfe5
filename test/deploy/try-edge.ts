/** The template with `Edge`: a distribution in front of the function URL, and the secret that it sends. */
import { strict as assert } from 'node:assert';
import { send } from '../support/client.ts';
import type { Shell } from './command-lines.ts';
import { type Deployment, runFunctionUrl } from './deployed.ts';

export interface EdgeTrial extends Deployment {
  readonly step: <T>(sentence: string, act: () => Promise<T>) => Promise<T>;
  readonly shell: Shell;
  /** Folder of the release. */
  readonly released: string;
}

const stack = 'gateway-edge';
const deploy = `aws cloudformation deploy --template-file template-s3.json --stack-name ${stack} \\
  --capabilities CAPABILITY_IAM --parameter-overrides Edge=true Monitoring=false ParameterPath=/countersign/${stack} \\
  ArtifactBucket=my-artifacts ArtifactPrefix=countersign/`;
const certificate =
  'arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555';

/** Deploys the template with an edge, with a domain, and without an edge. */
export async function tryEdge(trial: EdgeTrial): Promise<void> {
  const { step, shell, released } = trial;
  const ask = async (command: string) =>
    (await shell(`aws ${command} --output text`, released)).trim();
  const readOutput = (key: string) =>
    ask(
      `cloudformation describe-stacks --stack-name ${stack} --query "Stacks[0].Outputs[?OutputKey=='${key}'].OutputValue"`,
    );
  const readDistribution = (query: string) =>
    ask(`cloudfront list-distributions --query "DistributionList.Items[0].${query}"`);

  await step('the template with Edge makes a distribution that sends the secret', async () => {
    await shell(deploy, released);
    const secret = await ask(
      `secretsmanager get-secret-value --secret-id "${await readOutput('OriginSecret')}" --query SecretString`,
    );
    const { current } = JSON.parse(secret);
    assert.ok(current.length >= 32);
    assert.equal(await readOutput('Url'), `https://${await readOutput('DistributionName')}/`);
    const id = await readDistribution('Id');
    const origin = await ask(
      `cloudfront get-distribution-config --id ${id} --query "DistributionConfig.Origins.Items[0].[DomainName, CustomHeaders.Items[0].HeaderName, CustomHeaders.Items[0].HeaderValue]"`,
    );
    const { hostname } = new URL(await readOutput('FunctionUrl'));
    assert.deepEqual(origin.split(/\s+/), [hostname, 'x-origin-verify', current]);
  });
  await step('its proxy names the secret, and serves nobody while it cannot be read', async () =>
    assertRefused(trial, await readOutput('OriginSecret')),
  );
  await step(
    'an update gives the distribution a domain, and another one takes the edge away',
    async () => {
      await shell(
        `${deploy} EdgeDomainName=api.example.com EdgeCertificateArn=${certificate}`,
        released,
      );
      assert.equal(await readOutput('Url'), 'https://api.example.com/');
      assert.equal(await readDistribution('Aliases.Items[0]'), 'api.example.com');
      await shell(
        `${deploy} EdgeDomainName= EdgeCertificateArn=`.replace('Edge=true', 'Edge=false'),
        released,
      );
      assert.equal(await readOutput('OriginSecret'), '');
      assert.match(await readOutput('Url'), /lambda-url/);
    },
  );
}

/**
 * The emulator's Parameter Store has no references to Secrets Manager. So the secret cannot be read, and nobody is served;
 * test/integration/origin-secret.test.ts is about a secret that can.
 */
async function assertRefused(trial: EdgeTrial, secretArn: string): Promise<void> {
  const { environment } = await trial.cloud.readFunction(`${stack}-ProxyFunction`);
  const reference = environment['COUNTERSIGN_ORIGIN_SECRET'] ?? '';
  assert.match(reference, /^\$secret:\/\/ssm\/\/aws\/reference\/secretsmanager\/[\w-]+$/);
  assert.ok(
    secretArn.includes(`:secret:${reference.split('/').at(-1)}`),
    `${reference} ${secretArn}`,
  );
  const proxy = await runFunctionUrl(trial, `${stack}-ProxyFunction`);
  try {
    const response = await send(proxy.url, { target: '/one' });
    assert.deepEqual(
      [response.status, response.header('countersign-error')],
      [503, 'ROUTES_UNAVAILABLE'],
      proxy.log(),
    );
  } finally {
    await proxy.close();
  }
}
