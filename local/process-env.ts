/**
 * The only file below local/ that touches this process's environment: the bootstrap reads what its
 * parent set for it, and a parent hands on the few variables that a child needs to run at all.
 */
// biome-ignore lint/style/noProcessEnv: one documented door for all of local/ (see above).
export const processEnv: NodeJS.ProcessEnv = process.env;

/**
 * What a child of ours inherits: PATH, HOME and NODE_*, so that nothing of the developer's own AWS
 * account (keys, profiles, endpoints) can leak into a function under test.
 */
export function inheritedEnv(source: NodeJS.ProcessEnv = processEnv): Record<string, string> {
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    const wanted = name === 'PATH' || name === 'HOME' || name.startsWith('NODE_');
    if (wanted && value !== undefined) {
      inherited[name] = value;
    }
  }
  return inherited;
}
