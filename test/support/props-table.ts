/** Rows of the tables in docs/construct.md, read from the comments of an interface's properties. */
import { readFileSync } from 'node:fs';

const property = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly (\w+)\??: ([^;]+);/g;

/** @returns one Markdown row for each property of an interface, in their order */
export function toPropsRows(file: string, interfaceName: string): string[] {
  const [, rest = ''] = readFileSync(file, 'utf8').split(`export interface ${interfaceName} `);
  const body = rest.slice(0, rest.indexOf('\n}\n'));
  return [...body.matchAll(property)].map(([, comment = '', name = '']) => {
    const text = comment.replace(/\n\s*\* ?/g, ' ').trim();
    const [meaning = '', byDefault = 'MISSING'] = text.split(/\s*@default (?:- )?/);
    return `| \`${name}\` | ${quoteCode(byDefault)} | ${meaning.replaceAll('|', '\\|')} |`;
  });
}

/** Formats values as code, and leaves words unchanged. */
function quoteCode(byDefault: string): string {
  const isCode = /^(true|false|\d+|'[^']*'|\w+\.\w+(\(.*\))?)$/.test(byDefault);
  return isCode ? `\`${byDefault}\`` : byDefault;
}
