/**
 * Baseline "SDK proxy": a simple proxy with the SDK's client and credential chain, smithy's signer with its JavaScript
 * hash, and fetch. It has no plugins, limits, checks, retries or log.
 */
// biome-ignore-start lint/correctness/noUndeclaredDependencies: the bench installs them in a folder of its own
import { Sha256 } from '@aws-crypto/sha256-js';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { SignatureV4 } from '@smithy/signature-v4';

// biome-ignore-end lint/correctness/noUndeclaredDependencies: see above

const credentials = fromNodeProviderChain();
const routes = await loadRoutes('/countersign/bench/routes');

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const { url, service } = toUpstream(event.rawPath, event.rawQueryString);
  const body = event.body && Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8');
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service, sha256: Sha256 });
  const signed = await signer.sign({
    method: event.requestContext.http.method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: { host: url.host, 'content-type': event.headers['content-type'] },
    body,
  });
  const answer = await fetch(url, { method: signed.method, headers: signed.headers, body });
  const out = awslambda.HttpResponseStream.from(stream, {
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
  });
  out.write('');
  for await (const chunk of answer.body ?? []) {
    if (!out.write(chunk)) await new Promise((resolve) => out.once('drain', resolve));
  }
  await new Promise((resolve) => {
    out.once('finish', resolve);
    out.end();
  });
});

async function loadRoutes(Path) {
  const client = new SSMClient({ credentials });
  const loaded = [];
  let NextToken;
  do {
    const page = await client.send(
      new GetParametersByPathCommand({ Path, Recursive: true, WithDecryption: true, NextToken }),
    );
    loaded.push(...page.Parameters.map(({ Value }) => JSON.parse(Value)));
    NextToken = page.NextToken;
  } while (NextToken);
  return loaded;
}

function toUpstream(path, query) {
  const route = routes.find(({ uri }) => path.startsWith(uri.replace(/\*$/, '')));
  const { function_uri, authorization } = route.plugins['aws-lambda'];
  const url = new URL(function_uri.replace(/\/$/, '') + path.slice(route.uri.length - 2));
  url.search = query;
  return { url, service: authorization.iam.service };
}
