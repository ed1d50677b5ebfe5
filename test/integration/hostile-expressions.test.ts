/**
 * Expressions of an operator that are costly for some texts, and clients who write such texts, without any credential. What was
 * wrong here cost from 2,400 to 8,500 ms.
 */
import { type Artefact, startArtefact } from '../support/artefact.ts';
import { send } from '../support/client.ts';
import { readCpuMs, reportingOptions } from '../support/cpu-meter.ts';

/** Ten times as much as is allowed, since CPU time is noisy. */
const maxMs = 500;
const guard = (uri: string, plugins: object) => ({ uri, plugins: { 'key-auth': {}, ...plugins } });
const routes = {
  hundred: guard('/hundred/*', { 'uri-blocker': { block_rules: ["'.{1,100}(?:or|and)"] } }),
  thousand: guard('/thousand/*', { 'uri-blocker': { block_rules: ["'.{1,1000}(?:or|and)"] } }),
  denied: guard('/denied/*', { 'ua-restriction': { denylist: ['bot.{1,100}crawl'] } }),
  allowed: guard('/allowed/*', { 'ua-restriction': { allowlist: ['bot.{1,100}crawl'] } }),
  cors: guard('/cors/*', {
    cors: { allow_origins_by_regex: ['https://.*a.{1,1000}b'] },
  }),
};

/** As many sets of instructions as may be: no two parts of the text are alike. */
function mix([one, other]: readonly [string, string], characters: number): string {
  let [text, seed] = ['', 7];
  while (text.length < characters) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    text += (seed >> 16) & 1 ? one : other;
  }
  return text.slice(0, characters);
}

describe('a text that a client writes for an expression', () => {
  let artefact: Artefact;

  beforeAll(async () => {
    artefact = await startArtefact({
      routes,
      env: { COUNTERSIGN_REFRESH_SECONDS: '3600', NODE_OPTIONS: reportingOptions },
      maxEnvironments: 1,
    });
  });

  afterAll(() => artefact.close());

  const agents = Array.from({ length: 31 }, () => mix(['bot', 'a'], 250)).join(',');
  const costly = (plugin: string) =>
    `refused by ${plugin}: a text of more than 8192 characters, or a search of more than 1000000 steps`;
  const uri = (route: string) => `/${route}//x;y?or%252525${mix(["'", 'a'], 7900)}`;

  it.each<[string, string, Readonly<Record<string, string>>, number, string]>([
    ['hundred', uri('hundred'), {}, 403, costly('uri-blocker')],
    ['thousand', uri('thousand'), {}, 403, costly('uri-blocker')],
    ['denied', '/denied/x', { 'user-agent': `crawl${agents}` }, 403, costly('ua-restriction')],
    ['allowed', '/allowed/x', { 'user-agent': `crawl${agents}` }, 403, 'refused by ua-restriction'],
    ['cors', '/cors/x', { origin: `https://b${mix(['a', 'c'], 8000)}` }, 401, ''],
  ])('costs little CPU: %s', async (route, target, headers, status, cause) => {
    // The first request loads what is lazy.
    await send(artefact.url, { target: `/${route}/warm` });
    const before = await readCpuMs(artefact);

    const response = await send(artefact.url, { target, headers: Object.entries(headers) });

    expect(response.status).toBe(status);
    expect((await readCpuMs(artefact)) - before).toBeLessThan(maxMs);
    expect(response.header('access-control-allow-origin')).toBeUndefined();
    const lines = artefact
      .lines()
      .filter(({ type, path }) => type === 'access' && path === target.split('?')[0]);
    expect(lines.at(-1)?.['cause'] ?? '').toMatch(cause);
  });

  it('is refused by it alone: an ordinary text passes on to the next plugin', async () => {
    const ordinary = `/hundred/x?name=O%27Brien&next=${'items/'.repeat(1000)}`;

    expect((await send(artefact.url, { target: ordinary })).status).toBe(401);
  });
});
