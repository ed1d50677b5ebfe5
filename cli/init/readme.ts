/** README.md of the app: the next commands, and what to know before others call it. */
import type { AppPlan, AppUpstream } from './app-plan.ts';
import { toCdkPart, toSamPart, toTerraformPart } from './readme-parts.ts';

/**
 * Writes the README.
 * @param cli what runs the CLI in a shell, such as `npx countersign`
 */
export function toReadme(plan: AppPlan, cli: string): string {
  const { name, routeId, upstream } = plan;
  const part = toPart(plan, cli);
  const rows = [
    ...part.files,
    [`routes/${routeId}.json`, 'the route: a document, which can change without a deployment'],
  ] as const;
  return `# ${name}

A Countersign proxy on AWS Lambda. Its public URL takes requests, signs them with SigV4 under the role of the proxy, and calls
${describe(upstream)}.

| file | what |
|---|---|
${rows.map(([file, what]) => `| \`${file}\` | ${what} |`).join('\n')}

## Deploy it

${part.deploy}
${foreignAccount(plan)}
## Run it on this machine

${part.local} ${toLocalCall(plan)}

## Change the route

${part.change}

\`${cli} --help\` lists what else there is: history and rollback, secrets, diagnosis. ${part.pages}

## Before others call it

- **The route is open**: everyone who knows the URL may call it. Add an access plugin to the document, such as \`key-auth\` or
  \`ip-restriction\`. With ${part.guard} the proxy refuses open routes.
- A function URL has no throttle. ${part.limit} limits how many copies of the proxy run, and so
  what requests can cost.
${part.upgrade}`;
}

function toPart(plan: AppPlan, cli: string) {
  switch (plan.tool) {
    case 'cdk':
      return toCdkPart(plan);
    case 'sam':
      return toSamPart(plan, cli);
    case 'terraform':
      return toTerraformPart(plan, cli);
  }
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
