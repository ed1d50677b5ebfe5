/** `npm run pictures` shares code with tests, and runs outside of Jest. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inheritedEnv } from '../../local/process-env.ts';

const root = join(import.meta.dirname, '..', '..');

test('what draws the dashboard is loaded without Jest', () => {
  const script =
    "await import('./test/synth/synth-app.ts'); await import('./pictures/dashboard.ts')";
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const { status, stderr } = spawnSync(process.execPath, args, {
    ...{ cwd: root, env: inheritedEnv(), encoding: 'utf8' },
  });

  expect(stderr).not.toContain('ReferenceError');
  expect(status).toBe(0);
});
