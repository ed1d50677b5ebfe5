import { LOCAL_CREDENTIALS, LOCAL_REGION } from '../stack/credentials.ts';
import { API_STAGE, createSeeds, LOCAL_PARAMETER_PATH, type UpstreamUrls } from '../stack/seeds.ts';

/** The URLs of the parts. */
export interface StackUrls extends UpstreamUrls {
  readonly url: string;
  readonly parameterStoreUrl: string;
  readonly snapshot?: { readonly snapshotUri: string; readonly s3Url: string } | undefined;
}

/** The text that `npm start` prints. Every command in it can be pasted. */
export function toGreeting(urls: StackUrls): string {
  const { url, helloUrl, parameterStoreUrl } = urls;
  return `
Countersign: ${url}          Ctrl-C ends it.

  # The upstream wants a signature, and refuses a call without one (403):
  curl -i '${helloUrl}?name=you'

  # The same call through the proxy, which signs it:
  curl -i '${url}/hello?name=you'

  # Server-Sent Events, each as soon as it is sent:
  curl -N ${url}/stream

  # A prefix route to an API behind IAM: what stands for * goes along:
  curl '${url}/aws/${API_STAGE}/test-apisix?name=APISIX'
  curl '${url}/aws/${API_STAGE}/echo/any/path?and=query'

  # An API of users on DynamoDB: add one, list them:
  curl -i ${url}/users -H 'content-type: application/json' -d '{"name":"Ada","email":"ada@example.com"}'
  curl ${url}/users

Change a route while it runs; it is in force within two seconds. In another terminal:

${toChange(urls)}
  # then:
  curl '${url}/hi?name=you'

Routes are parameters below ${LOCAL_PARAMETER_PATH}/routes/ at ${parameterStoreUrl}
${toSnapshotLine(urls)}
`;
}

/** What a stack without the demo's routes prints. */
export function toEmptyGreeting(urls: StackUrls): string {
  return `
Countersign: ${urls.url}          Ctrl-C ends it.

${toUpstreamLines(urls)}

Routes are parameters below ${LOCAL_PARAMETER_PATH}/routes/ at ${urls.parameterStoreUrl}
In another terminal:

  export AWS_ENDPOINT_URL_SSM=${urls.parameterStoreUrl}
  npx countersign routes list
${toSnapshotLine(urls)}
`;
}

/** The demo upstreams, and what routes to them sign for. */
function toUpstreamLines(urls: UpstreamUrls): string {
  return `Upstreams to try routes with, which want signatures for the region ${LOCAL_REGION}:

  greeter (function URL, service lambda)       ${urls.helloUrl}
  REST API (API Gateway, service execute-api)  ${urls.apiUrl}${API_STAGE}/echo
  Server-Sent Events (function URL, lambda)    ${urls.streamUrl}`;
}

function toSnapshotLine({ snapshot }: StackUrls): string {
  if (!snapshot) return '';
  const { snapshotUri, s3Url } = snapshot;
  return `A publisher writes them to ${snapshotUri} at ${s3Url}, and the proxy reads that alone.\n`;
}

/** The text for the parameter store alone. */
export function toStoreGreeting(parameterStoreUrl: string, stateFile: string): string {
  return `
Parameter store: ${parameterStoreUrl}    kept in ${stateFile}    Ctrl-C ends it.

  ${awsCli(parameterStoreUrl)} get-parameters-by-path --path / --recursive
  ${curlCall(parameterStoreUrl, 'GetParametersByPath', { Path: '/', Recursive: true })}

`;
}

/** The text for the upstreams alone: unsigned and signed calls with curl. */
export function toUpstreamsGreeting(urls: UpstreamUrls): string {
  return `
IAM-protected upstreams    Ctrl-C ends them.

${toUpstreamLines(urls)}

  # without a signature: 403
  curl -i ${urls.helloUrl}

  # signed by curl
  ${signedCurl('lambda')} '${urls.helloUrl}?name=you'
  ${signedCurl('execute-api')} ${urls.apiUrl}${API_STAGE}/echo

`;
}

/** The text for the proxy alone. */
export function toProxyGreeting(url: string, parameterStoreUrl: string): string {
  return `
Countersign: ${url}    routes from ${parameterStoreUrl}    Ctrl-C ends it.

`;
}

function toChange(urls: StackUrls): string {
  const name = `${LOCAL_PARAMETER_PATH}/routes/hello`;
  const { uri: _, ...hello } = createSeeds(urls)['hello'] as { uri: string };
  const value = JSON.stringify({ uris: ['/hello', '/hi'], ...hello });
  const input = { Name: name, Overwrite: true, Value: value };
  return `  export AWS_ENDPOINT_URL_SSM=${urls.parameterStoreUrl}
  npx countersign routes list
  npx countersign routes show hello
  npx countersign routes edit hello
  npx countersign --help

  # or, without the CLI:
  ${curlCall(urls.parameterStoreUrl, 'PutParameter', input)}
`;
}

/** The AWS CLI needs credentials; any value works. */
function awsCli(parameterStoreUrl: string): string {
  return `AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any aws ssm --region ${LOCAL_REGION} --endpoint-url ${parameterStoreUrl}`;
}

function curlCall(parameterStoreUrl: string, operation: string, input: object): string {
  return `curl ${parameterStoreUrl} -H 'x-amz-target: AmazonSSM.${operation}' -H 'content-type: application/x-amz-json-1.1' \\
    -d '${JSON.stringify(input)}'`;
}

function signedCurl(service: string): string {
  const { accessKeyId, secretAccessKey, sessionToken } = LOCAL_CREDENTIALS;
  return `curl --aws-sigv4 aws:amz:${LOCAL_REGION}:${service} --user ${accessKeyId}:${secretAccessKey} \\
    -H 'x-amz-security-token: ${sessionToken}'`;
}
