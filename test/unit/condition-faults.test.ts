/** Conditions of routes that are malformed: where, and what was expected. */
import { documentOf, issuesOf } from '../support/documents.ts';

describe('a condition that is none', () => {
  it.each<[unknown, string, RegExp]>([
    ['arg_env', '/vars', /an array/i],
    [['arg_env', '==', 'beta'], '/vars', /a list of lists/],
    [[['arg_env', 'beta']], '/vars/0', /a comparison such as/],
    [[['arg_env', '=', 'beta']], '/vars/0/1', /one of ==, ~=/],
    [[['arg_env', 'not', '==', 'beta']], '/vars/0', /a comparison such as/],
    [[['arg_env', '!', 'is', 'beta']], '/vars/0/2', /one of ==/],
    [[['balancer_ip', '==', '1']], '/vars/0/0', /a variable: remote_addr/],
    [[[1, '==', '1']], '/vars/0/0', /a variable/],
    [[['consumer_name', '==', 'ann']], '/vars/0/0', /only after a route has been found/],
    [[['arg_age', '>', 'old']], '/vars/0/2', /a number/],
    [[['arg_age', '==', true]], '/vars/0/2', /a string, a number or null/],
    [[['arg_age', '==', Number.POSITIVE_INFINITY]], '/vars/0/2', /a string, a number or null/],
    [
      [['arg_age', 'in', [1, Number.NEGATIVE_INFINITY]]],
      '/vars/0/2/1',
      /a string, a number or null/,
    ],
    [[['arg_age', '<', Number.POSITIVE_INFINITY]], '/vars/0/2', /a number/],
    [[['arg_age', '<', '1e999']], '/vars/0/2', /a number/],
    [[['http_x', '==', '$secret://ssm/key']], '/vars/0/2', /a constant/],
    [[['http_x', 'in', ['a', '$ENV://KEY']]], '/vars/0/2/1', /a constant/],
    [[['http_x', '~~', '$secret://ssm/key']], '/vars/0/2', /a constant/],
    [[['arg_age', 'in', 'beta']], '/vars/0/2', /a list of strings/],
    [[['arg_age', 'in', [{}]]], '/vars/0/2/0', /a string, a number or null/],
    [[['arg_age', '~~', '(?=x)']], '/vars/0/2', /without look-around/],
    [[['remote_addr', 'ipmatch', '10.0.0.0/33']], '/vars/0/2', /an IPv4 or IPv6 address/],
    [[['remote_addr', 'ipmatch', ['::1', 'x']]], '/vars/0/2/1', /an IPv4 or IPv6 address/],
    [['OR', ['arg_a', '==', '1']], '/vars', /at least two conditions/],
    [[['arg_a', '==', '1'], []], '/vars/1', /a comparison such as/],
    [nest(12), `/vars${'/0'.repeat(11)}`, /at most 10 lists/],
    [Array(101).fill(['arg_a', '==', '1']), '/vars/100', /at most 100 comparisons/],
  ])('%j is named at %s', async (vars, pointer, expected) => {
    const [issue] = await issuesOf(documentOf({ vars }));
    expect(issue).toMatchObject({ pointer, expected: expect.stringMatching(expected) });
  });

  it.each([
    [{ remote_addr: '10.0.0.0/33' }, '/remote_addr'],
    [{ remote_addrs: ['10.0.0.1', 'x'] }, '/remote_addrs/1'],
    [{ remote_addr: '10.0.0.1', remote_addrs: ['10.0.0.2'] }, ''],
  ])('%j is named at %s', async (fields, pointer) => {
    expect(await issuesOf(documentOf(fields))).toMatchObject([{ pointer }]);
  });

  it('has regular expressions of limited size', async () => {
    const vars = Array.from({ length: 25 }, () => ['arg_a', '~~', 'a{900}']);
    const issues = await issuesOf(documentOf({ vars }));
    expect(issues).toMatchObject([{ expected: expect.stringMatching(/in one condition/) }]);
  });

  it('quotes no constant that may be a secret', async () => {
    for (const comparison of [
      ['SeCrEt-0123456789', '>', 1],
      ['http_x', '>', 'SeCrEt-0123456789'],
      ['http_x', 'SeCrEt-0123456789', '=='],
      ['remote_addr', 'ipmatch', 'SeCrEt-0123456789'],
      ['http_x', '~~', '(SeCrEt-0123456789'],
    ]) {
      const issues = await issuesOf(documentOf({ vars: [comparison] }));
      expect(issues).not.toEqual([]);
      expect(issues.map(({ found }) => found).join()).not.toContain('SeCrEt');
    }
  });
});

function nest(depth: number): unknown {
  return depth === 0 ? ['arg_a', '==', '1'] : [nest(depth - 1)];
}
