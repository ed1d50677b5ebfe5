/** Which secrets are read for documents: so many and no more, so that one document cannot use up the calls of all. */
import { maxOutsideOfAll, maxOutsideOfOne } from '../proxy/routes/outside-secrets.ts';

/**
 * @param lists absolute names that each document refers to
 * @returns all below the root; of those outside of it the ones that the proxy's own rule admits
 */
export function admitSecrets(lists: readonly (readonly string[])[], root: string): string[] {
  const admitted = new Set<string>();
  const outsideOfAll = new Set<string>();
  for (const list of lists) {
    const outside = list.filter((name) => !name.startsWith(`${root}/`));
    for (const name of list) if (name.startsWith(`${root}/`)) admitted.add(name);
    const more = outside.filter((name) => !outsideOfAll.has(name));
    const isOver =
      outside.length > maxOutsideOfOne || outsideOfAll.size + more.length > maxOutsideOfAll;
    if (isOver) continue;
    for (const name of outside) {
      outsideOfAll.add(name);
      admitted.add(name);
    }
  }
  return [...admitted];
}
