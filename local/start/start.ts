/** The command behind `npm start` and `npm run dev`. */
import { readOptions, USAGE, UsageError } from './options.ts';
import { runStack } from './run.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else await runStack(options);
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`);
  process.exit(1);
}
