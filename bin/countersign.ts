/** The CLI: `npx countersign --help`, `docs/cli.md`. The one place that hands it the process. */
import { runCli } from '../cli/program.ts';
import { createPrompts } from '../cli/prompts.ts';

// The SDK's plea for a newer Node would stand before every result on Node 20, which we support.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
const { env, stdin, stdout, stderr } = process;
// A reader that has seen enough (`| head`) is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
const prompts = createPrompts({ stdin, stderr });
const onInterrupt = (callback: () => void) => void process.once('SIGINT', callback);
const host = { env, stdin, stdout, stderr, prompts, onInterrupt };
process.exitCode = await runCli(process.argv.slice(2), host);
