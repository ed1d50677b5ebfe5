/** What the pictures of the docs have in common: GitHub's colours, on a light and on a dark page. */

/** A picture before it is written. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** For those who do not see it. */
  readonly label: string;
  /** CSS of this picture alone. */
  readonly style?: string;
  readonly parts: readonly string[];
}

/** CSS of both colour schemes. */
export const colours = `
  text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
  .page { fill: #fff }
  .strong { font-weight: 600 }
  .note { font-size: 11px; fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .page { fill: #0d1117 }
    .note { fill: #9198a1 }
  }`;

/** Puts the parts of a picture together. */
export function toSvg({ width, height, label, style = '', parts }: Picture): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(label)}">`,
    `<style>${colours}${style}\n</style>`,
    `<rect class="page" width="${width}" height="${height}" rx="6"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

/** Text for an element or an attribute. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
