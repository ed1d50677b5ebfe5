/** The mutants that may live, each with a reason: survivors.json, and the page that is written from it. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Mutant } from './instrument.ts';

/** A mutant that no test kills, and why that is right. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly was: string;
  readonly now: string;
  readonly nth: number;
  /** One sentence. */
  readonly why: string;
}

/** The same mutant has the same name when lines above it come or go. */
export function toName({ file, text, was, now, nth }: Omit<Survivor, 'line' | 'why'>): string {
  return JSON.stringify([file, text, was, now, nth]);
}

/** @returns the explained survivors, by name */
export function readSurvivors(folder: string): Map<string, Survivor> {
  const list: Survivor[] = JSON.parse(readFileSync(`${folder}/survivors.json`, 'utf8'));
  return new Map(list.map((survivor) => [toName(survivor), survivor]));
}

/** Writes the survivors of `files` anew: those that live, with the reasons that they had. Others stay. */
export function writeSurvivors(
  folder: string,
  files: readonly string[],
  living: readonly Mutant[],
): void {
  const known = readSurvivors(folder);
  const others = [...known.values()].filter(({ file }) => !files.includes(file));
  const own = living.map(({ id: _, ...place }) => ({
    ...place,
    why: known.get(toName(place))?.why ?? '',
  }));
  const all = [...others, ...own].sort(
    (one, other) => one.file.localeCompare(other.file) || one.line - other.line,
  );
  writeFileSync(`${folder}/survivors.json`, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(`${folder}/survivors.md`, toPage(all));
}

function toPage(survivors: readonly Survivor[]): string {
  const rows = survivors.map(
    ({ file, line, was, now, why }) =>
      `| \`${file.replace('functions/proxy/', '')}:${line}\` | ${toCell(was)} | ${toCell(now)} | ${why} |`,
  );
  return `${[
    '# Mutants that live',
    '',
    '`npm run mutants -- --update` writes this page from `survivors.json`, where the reasons stand.',
    '',
    '| where, in `functions/proxy` | was | becomes | why no test kills it |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n')}\n`;
}

function toCell(code: string): string {
  const line = code.replace(/\s+/g, ' ');
  const short = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  return `\`\`${short.replaceAll('|', '\\|')}\`\``;
}
