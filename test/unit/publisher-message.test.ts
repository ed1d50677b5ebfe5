import type { DocumentIssue } from '../../functions/proxy/documents/document-error.ts';
import type { Finding } from '../../functions/publisher/finding.ts';
import { toMessage } from '../../functions/publisher/to-message.ts';

const root = '/countersign/prod';
const whole = { pointer: '', found: 'nothing', expected: 'a document' };
const refused = (name: string, issues: readonly DocumentIssue[] = [whole]): Finding => ({
  outcome: 'refused',
  parameter: `${root}/${name}`,
  version: 2,
  fault: 'malformed',
  inForce: 1,
  lastValid: 1,
  issues,
});

test('the subject has a length that SNS accepts, for any name and number', () => {
  const findings = Array.from({ length: 1000 }, (_, index) =>
    refused(`routes/${'long'.repeat(200)}-${index}`),
  );
  const { subject = '', text = '' } = toMessage(findings, root) ?? {};
  expect(subject).toHaveLength(99);
  expect(subject).toMatch(/^Countersign: refused routes\/(long)+l?o?n?\.\.\. and 999 more$/);
  expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
  expect(text).toContain('950 more are in the log.');
});

test('a message has a size that SNS accepts, whatever documents have in them', () => {
  const issue = {
    pointer: `/${'~'.repeat(500)}`,
    found: 'x'.repeat(500),
    expected: 'ä'.repeat(500),
  };
  const names = Array.from({ length: 400 }, (_, index) => `${'r'.repeat(50)}${index}`);
  const findings = Array.from({ length: 50 }, (_, index): Finding[] => [
    refused(
      `routes/refused-${index}`,
      Array.from({ length: 20 }, () => issue),
    ),
    {
      outcome: 'accepted',
      parameter: `${root}/routes/open-${index}`,
      version: 1,
      routes: names,
      openRoutes: names,
      consumers: [],
      warnings: names,
    },
  ]).flat();
  for (const list of [findings, findings.slice(1), findings.slice(1, 2)]) {
    const { text = '' } = toMessage(list, root) ?? {};
    expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
    expect(text).toMatch(/ more (are|lines about it are) in the log\./);
    expect(text).toContain('routes/');
  }
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

test('a message about something missing says so, and that no new version is needed', () => {
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

test('names from a document are told on their own line, with hidden characters shown', () => {
  const forged = 'x\n\nAll is well\u001b[2J\u202Egnp.exe\u2028';
  const issue = { pointer: `/${forged}`, found: 'an unknown field', expected: `none of ${forged}` };
  const text = toMessage([refused('routes/a', [issue])], root)?.text ?? '';

  expect(text.split('\n').filter((line) => line.includes('All is well'))).toHaveLength(1);
  expect(text).toContain('/x\\u{a}\\u{a}All is well\\u{1b}[2J\\u{202e}gnp.exe\\u{2028}');
  for (const hidden of ['\u001b', '\u202e', '\u2028']) expect(text).not.toContain(hidden);
});

test('a parameter with another name is told of, with the folders that names may begin with', () => {
  const { text } = toMessage([{ outcome: 'stray', parameter: `${root}/rotues/a` }], root) ?? {};

  expect(text).toContain(
    'not below routes/, consumers/, secrets/, services/, plugin_configs/, consumer_groups/, upstreams/ or global_rules/, or has',
  );
});
