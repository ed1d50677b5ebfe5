/** Folder for files that the benchmark needs and does not commit. */
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');
const cacheRoot = join(projectRoot, 'node_modules', '.cache', 'bench');
/** Packages of the baselines that the project itself does not depend on. */
export const packagesRoot = join(cacheRoot, 'packages');
/** The Node release line that Lambda runs. */
export const nodeRoot = join(cacheRoot, 'node24');
export const buildRoot = join(cacheRoot, 'build');
