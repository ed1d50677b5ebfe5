/** Which plugin a name in a malformed document means: names are mistyped, and the guard was asked for all the same. */
import type { PluginRegistry } from '../plugins/registry.ts';

/** Names of plugins that are not there and decide who is let in: `ldap-auth`, `authz-casbin`, `acl`, `wolf-rbac`. */
const accessWords = /auth|restrict|oidc|openid|jwt|saml|ldap|rbac|acl\b|^(?:opa|cas|sso)\b/;
const maxMistakes = 2;
const maxLength = 40;

/** @returns the plugin's name, the name itself where it sounds like an access plugin that is not there, or undefined */
export function findMeantPlugin(name: string, registry: PluginRegistry): string | undefined {
  if (Object.hasOwn(registry, name)) return name;
  if (name.length > maxLength) return undefined;
  const plain = toPlainName(name);
  const [nearest] = Object.keys(registry)
    .map((known) => ({ known, mistakes: countMistakes(plain, toPlainName(known)) }))
    .filter(({ mistakes }) => mistakes <= maxMistakes)
    .sort((a, b) => a.mistakes - b.mistakes);
  return nearest?.known ?? (accessWords.test(name.toLowerCase()) ? name : undefined);
}

/** @returns the name without capitals and signs between its words */
export function toPlainName(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '');
}

/** Characters to add, leave out or replace (Levenshtein's distance). */
export function countMistakes(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, character] of [...a].entries()) {
    const current = [row + 1];
    for (let column = 0; column < b.length; column += 1) {
      const replaced = (above[column] ?? 0) + (b[column] === character ? 0 : 1);
      const added = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, added, (above[column + 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
