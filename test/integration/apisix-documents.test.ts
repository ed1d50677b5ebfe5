/**
 * The JSON examples of Apache APISIX's own `aws-lambda` page, as they stand (less two stray commas), with their
 * `function_uri` pointed at an upstream of this machine: what that page says comes back.
 */

import { type GreetingEvent, handler as greeter } from '../../functions/hello/index.ts';
import { startApiGateway } from '../../local/api-gateway/api-gateway.ts';
import type { Listening } from '../../local/http-server.ts';
import { invokeInProcess } from '../../local/invoke.ts';
import { createSigV4Verifier } from '../../local/sigv4/verifier.ts';
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { compile } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import { startUpstream } from '../support/upstream.ts';

const apiKeyExample = `{
  "plugins": {
    "aws-lambda": {
      "function_uri": "https://x9w6z07gb9.execute-api.us-east-1.amazonaws.com/default/test-apisix",
      "authorization": {
        "apikey": "<Generated API Key from aws console>"
      },
      "ssl_verify":false
    }
  },
  "uri": "/aws"
}`;

const iamExample = `{
  "plugins": {
    "aws-lambda": {
      "function_uri": "https://ajycz5e0v9.execute-api.us-east-1.amazonaws.com/default/test-apisix",
      "authorization": {
        "iam": {
          "accesskey": "<access key>",
          "secretkey": "<access key secret>"
        }
      },
      "ssl_verify": false
    }
  },
  "uri": "/aws"
}`;

const forwardingExample = `{
  "plugins": {
    "aws-lambda": {
      "function_uri": "https://x9w6z07gb9.execute-api.us-east-1.amazonaws.com",
      "authorization": {
        "apikey": "<Generate API key>"
      },
      "ssl_verify":false
    }
  },
  "uri": "/aws/*"
}`;

const disabledExample = `{
  "uri": "/aws",
  "plugins": {},
  "upstream": {
    "type": "roundrobin",
    "nodes": {
      "127.0.0.1:1980": 1
    }
  }
}`;

const pointAt = (example: string, url: string) =>
  JSON.parse(example.replace(/https:[^"]*?\.amazonaws\.com/, url)) as unknown;

describe("the examples of APISIX's aws-lambda page", () => {
  let api: Listening;
  let artefact: Artefact;

  beforeAll(async () => {
    const invoke = invokeInProcess((event) => greeter(event as GreetingEvent));
    api = await startApiGateway({
      stage: 'default',
      resources: [
        { path: '/test-apisix', methods: ['PUT'], invoke },
        {
          path: '/test-apisix',
          methods: ['GET'],
          invoke,
          authorization: 'NONE',
          apiKeyRequired: true,
        },
        { path: '/test-apisix', invoke },
      ],
      verifier: createSigV4Verifier({
        service: 'execute-api',
        region: 'us-east-1',
        credentials: (id) =>
          id === '<access key>' ? { secretAccessKey: '<access key secret>' } : undefined,
      }),
      apiKeys: ['<Generated API Key from aws console>', '<Generate API key>'],
    });
    artefact = await startArtefact({
      reloads: true,
      routes: {
        key: { ...(pointAt(apiKeyExample, api.url) as object), methods: ['GET'] },
        iam: { ...(pointAt(iamExample, api.url) as object), methods: ['POST'] },
        forwarding: pointAt(forwardingExample, api.url),
      },
    });
  });

  afterAll(() => Promise.all([artefact.close(), api.close()]));

  it('greets with the API key, status and headers of the API included', async () => {
    const response = await send(artefact.url, { target: '/aws?name=APISIX' });

    expect(response.status).toBe(200);
    expect(response.text()).toBe('"Hello, APISIX!"');
    expect(response.header('content-type')).toBe('application/json');
    expect(response.header('x-amz-apigw-id')).toBeDefined();
  });

  it('greets with a signature of the static IAM keys', async () => {
    const body = '{"name":"APISIX"}';
    const headers = [['content-type', 'application/json']] as const;
    const response = await send(artefact.url, { method: 'POST', target: '/aws', headers, body });

    expect(response.status).toBe(200);
    expect(response.text()).toBe('"Hello, APISIX!"');
  });

  it('forwards the path behind /aws/ with the query', async () => {
    const response = await send(artefact.url, { target: '/aws/default/test-apisix?name=APISIX' });

    expect(response.status).toBe(200);
    expect(response.text()).toBe('"Hello, APISIX!"');
  });

  it.each([
    ['the API key', apiKeyExample],
    ['IAM', iamExample],
    ['path forwarding', forwardingExample],
    ['the plugin taken off', disabledExample],
  ])('compiles the example of %s to the letter, AWS host and all', async (_, example) => {
    const compiled = await compile(JSON.parse(example), { parameter: '/root/routes/1' });

    expect(compiled.routes.map(({ id }) => id)).toEqual(['1']);
  });

  it('calls a node that is allowed where the plugin was taken off', async () => {
    const upstream = await startUpstream();
    const called = disabledExample.replace('127.0.0.1:1980', `127.0.0.1:${upstream.port}`);
    artefact.putText('routes/called', called.replace('/aws', '/called'));
    artefact.putText(
      'routes/refused',
      disabledExample.replace('127.0.0.1', '192.0.2.1').replace('/aws', '/refused'),
    );
    const ask = (target: string) =>
      eventually(async () => {
        const answer = await send(artefact.url, { target });
        return answer.status !== 404 && answer;
      });

    expect((await ask('/called')).text()).toBe('ok');
    const refused = await ask('/refused');
    expect([refused.status, refused.header('countersign-error')]).toEqual([503, 'NO_UPSTREAM']);
    expect(refused.header('retry-after')).toBeDefined();
    await upstream.close();
  });
});
