/** The CLI: `npx countersign --help`, `docs/cli.md`. Only this file passes the process to it. */

import { runCli } from '../cli/program.ts';
import { warnOfOldNode } from '../cli/terminal/old-node.ts';
import { createPrompts } from '../cli/terminal/prompts.ts';

const { env, stdin, stdout, stderr } = process;
warnOfOldNode({ env, stderr, nodeVersion: process.versions.node });
// A closed pipe (`| head`) is not an error.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const prompts = createPrompts({ stdin, stderr });
const onInterrupt = (callback: () => void) => void process.once('SIGINT', callback);
const host = { env, stdin, stdout, stderr, prompts, onInterrupt };
process.exitCode = await runCli(process.argv.slice(2), host);
