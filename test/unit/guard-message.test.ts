import type { Finding } from '../../functions/guard/review.ts';
import { toMessage } from '../../functions/guard/to-message.ts';

const root = '/countersign/prod';
const refused = (name: string): Finding => ({
  outcome: 'refused',
  parameter: `${root}/${name}`,
  version: 2,
  fault: 'malformed',
  inForce: 1,
  lastValid: 1,
  issues: [{ pointer: '', found: 'nothing', expected: 'a document' }],
});

test('the subject is of a length that SNS takes, whatever the name and the number', () => {
  const findings = Array.from({ length: 1000 }, (_, index) =>
    refused(`routes/${'long'.repeat(200)}-${index}`),
  );
  const { subject = '', text = '' } = toMessage(findings, root) ?? {};
  expect(subject).toHaveLength(99);
  expect(subject).toMatch(/^Countersign: refused routes\/(long)+l?o?n?\.\.\. and 999 more$/);
  expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
  expect(text).toContain('950 more are in the log.');
});

test('a refusal is in the subject before anything else', () => {
  const findings: Finding[] = [
    { outcome: 'deleted', parameter: `${root}/secrets/key` },
    refused('routes/orders'),
  ];
  expect(toMessage(findings, root)?.subject).toBe('Countersign: refused routes/orders and 1 more');
});

test('an issue with the whole document is at the top', () => {
  expect(toMessage([refused('routes/a')], root)?.text).toContain(
    'at the top: found nothing, expected a document',
  );
});

test('where all is well there is nothing to say', () => {
  const fine: Finding = {
    outcome: 'accepted',
    parameter: `${root}/routes/a`,
    version: 1,
    routes: ['a'],
    openRoutes: [],
    consumers: [],
    warnings: [],
  };
  expect(toMessage([fine, { outcome: 'unused', parameter: `${root}/secrets/k` }], root)).toBe(
    undefined,
  );
});

test('what is missing is told as such, and that it needs no new version', () => {
  const finding: Finding = {
    outcome: 'refused',
    parameter: `${root}/routes/orders`,
    version: 2,
    fault: 'unfulfilled',
    inForce: null,
    issues: [{ pointer: '/plugins/key', found: 'nothing', expected: 'a key', isUnfulfilled: true }],
    unavailableRoutes: ['orders'],
  };
  const { text = '' } = toMessage([finding], root) ?? {};
  expect(text).toContain('version 2 LACKS something; route orders answers 503.');
  expect(text).toContain('is back by itself');
  expect(text).not.toContain('stays in force');
});
