import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWhole } from '../support/sample.ts';
import { root } from './synth-app.ts';

const cdkJson = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));

/** Runs the command of cdk.json as the CLI does, with no credentials, and returns the stacks it wrote. */
function runApp(context: Record<string, unknown>): string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'countersign-synth-'));
  try {
    const [command, ...args]: string[] = cdkJson.app.split(' ');
    execFileSync(command === 'node' ? process.execPath : String(command), args, {
      cwd: root,
      env: {
        CDK_OUTDIR: outdir,
        CDK_VALIDATION: String(isWhole),
        CDK_CONTEXT_JSON: JSON.stringify({ ...cdkJson.context, ...context }),
      },
      stdio: 'pipe',
    });
    return readdirSync(outdir).filter((name) => name.endsWith('.template.json'));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

test('the app adds the demo stacks on request, under the chosen name', () => {
  expect(runApp({ demo: 'true', usersDemo: 'true', stackName: 'Edge' })).toEqual([
    'Edge.template.json',
    'EdgeDemo.template.json',
    'EdgeUsersDemo.template.json',
  ]);
});

test('cdk.json has every recommended feature flag of the installed library, and turns off telemetry and notices', () => {
  const flags = 'node_modules/aws-cdk-lib/recommended-feature-flags.json';
  const recommended = JSON.parse(readFileSync(join(root, flags), 'utf8'));
  expect(cdkJson.context).toEqual({ 'cli-telemetry': false, ...recommended });
  // Notices and telemetry are the CLI's only calls to the network during a synth.
  expect(cdkJson.notices).toBe(false);
});
