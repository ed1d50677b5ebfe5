/** Folders for files that the bench needs and that are not committed. */
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');
const cacheRoot = join(projectRoot, 'node_modules', '.cache', 'bench');
/** Packages of the baselines that the project itself does not depend on. */
export const packagesRoot = join(cacheRoot, 'packages');
/** The Node release line that Lambda runs. */
export const nodeRoot = join(cacheRoot, 'node24');
export const buildRoot = join(cacheRoot, 'build');
