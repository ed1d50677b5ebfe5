/** A short soak: the long one is `npm run soak`. */
import { runSoak } from '../soak/soak.ts';

it('thousands of requests under faults and edits are all answered, and every error has its cause', async () => {
  const report = await runSoak({ requests: 3000, seed: 7, seconds: 20, environments: 3 });

  expect(report.violations).toEqual([]);
  expect(report.requests).toBeGreaterThan(1000);
  expect(report.outcomes.get('200')).toBeGreaterThan(report.requests / 2);
  expect([...report.injected.keys()].some((name) => name.startsWith('upstream: '))).toBe(true);
}, 40_000);
