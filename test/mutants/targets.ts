/** What is mutated, and which tests look for it. */
import { readdirSync } from 'node:fs';

/** Every file must reach this share of killed mutants. */
export const leastScore = 0.9;

const proxy = 'functions/proxy';

/** The stages of a request, and what they are made from. */
const places = [
  'event.ts',
  'http/background.ts',
  'http/path.ts',
  'http/percent.ts',
  'handler.ts',
  'chain/',
  'sign/',
  'upstream/attempts.ts',
  'upstream/attributes.ts',
  'upstream/balance/',
  'upstream/call.ts',
  'upstream/denial.ts',
  'upstream/iam.ts',
  'upstream/rewrite.ts',
  'upstream/target.ts',
  'send/',
  'relay.ts',
  'debug-headers.ts',
  'plugins/authentication/',
  'plugins/security/',
  'plugins/traffic/api-breaker.ts',
  'plugins/traffic/client-control.ts',
  'plugins/traffic/limit-conn.ts',
  'plugins/traffic/limit-count.ts',
  'plugins/traffic/limit-req.ts',
  'plugins/traffic/limits/',
  'plugins/traffic/real-ip.ts',
  'plugins/traffic/request-id.ts',
  'plugins/traffic/traffic-split.ts',
  'plugins/transformation/',
  'plugins/serverless/',
  'plugins/comparison.ts',
  'plugins/condition-subject.ts',
  'plugins/expression.ts',
  'plugins/regex-uri.ts',
  'plugins/request-condition.ts',
  'plugins/response-headers.ts',
  'plugins/text-template.ts',
  'plugins/uri-template.ts',
  'plugins/variables.ts',
  'documents/pattern-program.ts',
  'documents/pattern-search.ts',
  'documents/pattern-size.ts',
  'routes/match.ts',
  'routes/match-index.ts',
  'routes/build-match-index.ts',
  'routes/precedence.ts',
  'routes/uri.ts',
  'routes/condition.ts',
  'routes/condition-text.ts',
  'routes/route-place.ts',
  'routes/place-count.ts',
  'routes/index-room.ts',
  'routes/kind.ts',
  'routes/gathered.ts',
  'routes/meant-plugin.ts',
  'routes/consumers.ts',
  'routes/other-life.ts',
  'routes/load-document.ts',
  'routes/named-reader.ts',
  'routes/throttling.ts',
  'routes/refresh.ts',
  'routes/global-guard.ts',
  'routes/global-rules.ts',
  'routes/shared/',
  'routes/snapshot/load.ts',
];

/** They call the AWS SDK and decide next to nothing; test/integration/assume-role.test.ts covers them. */
const calls = new Set([`${proxy}/sign/sdk-credentials.ts`]);

/** Tests of other things, or by programs, that import a source all the same. */
const others =
  /\/(cli-|tsdoc|layout|module-state|fleet-bench|bench-results|cpu|json-schema|[\w-]+-page|local-|created-|users|document-secrets)/;

/** @returns the files to mutate, from the root, in the order of a request */
export function findTargets(root: string): readonly string[] {
  return places
    .flatMap((place) =>
      place.endsWith('/') ? filesBelow(root, `${proxy}/${place}`) : [`${proxy}/${place}`],
    )
    .filter((file) => !calls.has(file));
}

/** Over sockets, and all the same of the sources: what they look at is how Node's client behaves. */
const overSockets = ['send', 'pools', 'send-services', 'object-store-client'].map(
  (name) => `test/integration/${name}.test.ts`,
);

/** @returns the tests that need neither the built artefact nor another process */
export function findTests(root: string): readonly string[] {
  const own = ['test/unit/', 'test/conformance/']
    .flatMap((folder) => filesBelow(root, folder))
    .filter((file) => file.endsWith('.test.ts') && !others.test(file));
  return [...own, ...overSockets];
}

function filesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => folder + name)
    .sort();
}
