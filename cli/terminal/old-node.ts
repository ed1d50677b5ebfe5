/** One line about a Node that gets no more security fixes, in place of the AWS SDK's seven. */

/** https://github.com/nodejs/Release: older majors are past their end of life. */
const oldestMaintained = 22;

interface OldNodeOptions {
  readonly env: Record<string, string | undefined>;
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  /** For example `20.19.0`. */
  readonly nodeVersion: string;
}

/** Warns once a process, and only on a terminal: scripts and their logs get the result alone. */
export function warnOfOldNode({ env, stderr, nodeVersion }: OldNodeOptions): void {
  if (Number.parseInt(nodeVersion, 10) >= oldestMaintained) return;
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  if (!stderr.isTTY) return;
  stderr.write(
    `Node ${nodeVersion} is past its end of life. It works; Node ${oldestMaintained} or later also gets security fixes.\n`,
  );
}
