/** CHANGELOG.md's "Unreleased" becomes a version. */
import { readSection, readUnreleased, releaseChangelog } from '../../package/changelog.ts';
import { read } from '../contract/sources.ts';

const text = (unreleased: string) =>
  `# Changelog\n\n## Unreleased\n\n${unreleased}## 0.9.0 (2026-01-02)\n\n- First.\n`;

test('a version stands between "Unreleased" and its items', () => {
  const released = releaseChangelog(text('- New.\n\n'), { version: '1.0.0', date: '2026-11-28' });

  expect(released).toBe(
    '# Changelog\n\n## Unreleased\n\n## 1.0.0 (2026-11-28)\n\n- New.\n\n## 0.9.0 (2026-01-02)\n\n- First.\n',
  );
  expect(readSection(released, '1.0.0')).toBe('- New.');
});

test('nothing under "Unreleased" is no release', () => {
  expect(() => readUnreleased(text(''))).toThrow('nothing under "Unreleased"');
});

test('a page without the heading is no release', () => {
  expect(() => readUnreleased('# Changelog\n\n## 1.0.0\n\n- New.\n')).toThrow(
    'has no "## Unreleased"',
  );
});

test('a version is released once', () => {
  expect(() =>
    releaseChangelog(text('- New.\n'), { version: '0.9.0', date: '2026-11-28' }),
  ).toThrow('has 0.9.0 already');
});

test('the page of this repository can be read', () => {
  const changelog = read('CHANGELOG.md');

  expect(readSection(changelog, '0.1.0')).toContain('The first version.');
  expect(changelog.indexOf('## Unreleased')).toBeLessThan(changelog.indexOf('## 0.1.0'));
});
