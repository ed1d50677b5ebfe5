/** What is mutated, and which tests look for it. */
import { readdirSync } from 'node:fs';

/** Every file must reach this share of killed mutants. */
export const leastScore = 0.9;

const proxy = 'functions/proxy';

/** The stages of a request. */
const places = [
  'http/path.ts',
  'http/percent.ts',
  'upstream/rewrite.ts',
  'upstream/target.ts',
  'routes/match.ts',
  'routes/match-index.ts',
  'sign/',
  'relay.ts',
  'handler.ts',
  'routes/refresh.ts',
  'routes/snapshot/load.ts',
  'plugins/security/cors.ts',
  'plugins/security/csrf.ts',
  'plugins/security/ip-restriction.ts',
  'plugins/security/referer-restriction.ts',
  'plugins/security/ua-restriction.ts',
  'plugins/authentication/identify.ts',
  'plugins/security/consumer-restriction.ts',
  'plugins/security/uri-blocker.ts',
  'plugins/traffic/real-ip.ts',
  'plugins/traffic/api-breaker.ts',
  'plugins/traffic/limit-req.ts',
  'plugins/traffic/limit-conn.ts',
  'routes/load-document.ts',
  'routes/build-match-index.ts',
  'plugins/authentication/key-auth.ts',
  'plugins/authentication/basic-auth.ts',
  'plugins/traffic/request-id.ts',
  'plugins/authentication/jwt-auth/',
  'plugins/authentication/hmac-auth/',
  'plugins/authentication/webhook-auth/',
  'plugins/authentication/forward-auth/',
  'plugins/serverless/',
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

/** @returns the tests that need neither the built artefact nor another process */
export function findTests(root: string): readonly string[] {
  return ['test/unit/', 'test/conformance/']
    .flatMap((folder) => filesBelow(root, folder))
    .filter((file) => file.endsWith('.test.ts') && !others.test(file));
}

function filesBelow(root: string, folder: string): readonly string[] {
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => folder + name)
    .sort();
}
