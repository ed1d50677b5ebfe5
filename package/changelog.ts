/** CHANGELOG.md as text: what is not released yet becomes a version. */

/** A version and its date. */
export interface Release {
  /** `1.2.0` */
  readonly version: string;
  /** `2026-11-28` */
  readonly date: string;
}

const heading = '## Unreleased\n';

/** @returns the items under "Unreleased"; throws if there are none, or if the heading is missing */
export function readUnreleased(changelog: string): string {
  if (!changelog.includes(`\n${heading}`)) throw new Error('CHANGELOG.md has no "## Unreleased".');
  const items = readSection(changelog, 'Unreleased');
  if (items) return items;
  throw new Error('CHANGELOG.md has nothing under "Unreleased": there is nothing to release.');
}

/** Puts a heading for a version above the items under "Unreleased". Throws if the version has one already. */
export function releaseChangelog(changelog: string, { version, date }: Release): string {
  readUnreleased(changelog);
  if (readSection(changelog, version)) throw new Error(`CHANGELOG.md has ${version} already.`);
  return changelog.replace(heading, `${heading}\n## ${version} (${date})\n`);
}

/** @returns the items of a version; '' if it has none */
export function readSection(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version) ?? '';
  return section.split('\n').slice(1).join('\n').trim();
}
