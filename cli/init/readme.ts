/** README.md of the app: the next commands, and what to know before others call it. */
import type { AppPlan, AppUpstream } from './app-plan.ts';

/** Writes the README. */
export function toReadme(plan: AppPlan): string {
  const { name, routeId, upstream } = plan;
  return `# ${name}

A Countersign proxy on AWS Lambda. Its public URL takes requests, signs them with SigV4 under the role of the proxy, and calls
${describe(upstream)}.

| file | what |
|---|---|
| \`bin/app.ts\` | the stack: the proxy and its policy, that is, what its role may call |
| \`routes/${routeId}.json\` | the route: a document, which can change without a deployment |
${upstream.kind === 'hello' ? '| `hello/index.mjs` | the function that the proxy calls |\n' : ''}
## Deploy it

\`\`\`sh
npm install
npx cdk bootstrap
npx cdk deploy
\`\`\`

\`bootstrap\` is needed once for each account and Region. At the end \`deploy\` prints the output \`Call\`, a \`curl\` line. Paste it.
${foreignAccount(plan)}
## Run it on this machine

\`\`\`sh
npm run check
npm run dev
\`\`\`

\`check\` compiles the app and checks the documents. \`dev\` runs the proxy on http://127.0.0.1:3000 with the documents of \`routes/\`, checks
each change of a file, and takes it over. ${toLocalCall(plan)}

## Change the route

\`\`\`sh
npx countersign routes put routes/ --path /countersign/${name}${plan.region ? ` --region ${plan.region}` : ''}
\`\`\`

The command shows what changes, and asks. The route is in force within seconds. A deployment creates each document once and never
overwrites it. \`npx countersign --help\` lists what else there is: history and rollback, secrets, diagnosis. All pages are in
\`node_modules/countersign/docs\`: \`route-documents.md\` describes every field of a document.

## Before others call it

- **The route is open**: everyone who knows the URL may call it. Add an access plugin to the document, such as \`key-auth\` or
  \`ip-restriction\`. With \`requireAccessPlugin: true\` in \`bin/app.ts\` the proxy refuses open routes.
- A function URL has no throttle. \`reservedConcurrentExecutions\` in \`bin/app.ts\` limits how many copies of the proxy run, and so
  what requests can cost.
`;
}

function describe(upstream: AppUpstream): string {
  switch (upstream.kind) {
    case 'hello':
      return 'a small function of this app, whose own URL refuses callers that do not sign';
    case 'function-url':
      return `the function \`${upstream.function.name}\` by its URL`;
    case 'api':
      return `the API behind ${upstream.url}`;
  }
}

/** Between accounts AWS asks both sides. */
function foreignAccount({ account, upstream }: AppPlan): string {
  if (upstream.kind !== 'function-url') return '';
  const owner = upstream.function.account;
  if (owner === undefined || owner === account) return '';
  return `
If the proxy is in another account than the function (${owner}), the function's own policy must also allow the proxy's role to call it:
\`lambda:InvokeFunctionUrl\` and \`lambda:InvokeFunction\`.
`;
}

function toLocalCall({ uri, upstream }: AppPlan): string {
  if (upstream.kind === 'hello') {
    return `In another terminal:

\`\`\`sh
curl -i 'http://127.0.0.1:3000${uri.replace(/\*$/, '')}?name=you'
\`\`\``;
  }
  return `It signs with invented keys, so AWS
refuses its calls: documents are checked and matched here, and the upstream answers only the deployed proxy.`;
}
