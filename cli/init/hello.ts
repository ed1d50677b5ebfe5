/** The function that an app has to call, if the person has none yet. */

/** `index.mjs` of the function. */
export const helloFunction = `/** The upstream of the first route. Replace it by a function of yours. */
export async function handler(event) {
  const name = event.queryStringParameters?.name ?? 'world';
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(\`Hello, \${name}!\`),
  };
}
`;

/** The variable of the proxy that has the URL of the function, in an app for CDK. */
export const helloVariable = 'COUNTERSIGN_VAR_HELLO_URL';

/** The parameter below `<root>/secrets` that has the URL, in the other apps: their proxies have no variables to set. */
export const helloSecret = 'hello-url';
