/** Warns in one line of a version of Node that gets no more security fixes, instead of the AWS SDK's seven lines. */

/** https://github.com/nodejs/Release: older majors are past their end of life. */
const oldestMaintained = 22;

interface OldNodeOptions {
  readonly env: Record<string, string | undefined>;
  readonly stderr: { readonly isTTY?: boolean; write(text: string): unknown };
  /** For example `20.19.0`. */
  readonly nodeVersion: string;
}

/** Warns once in a process, and only on a terminal, so that scripts get only the result. */
export function warnOfOldNode({ env, stderr, nodeVersion }: OldNodeOptions): void {
  if (Number.parseInt(nodeVersion, 10) >= oldestMaintained) return;
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  if (!stderr.isTTY) return;
  stderr.write(
    `Node ${nodeVersion} is past its end of life. It works; Node ${oldestMaintained} or later also gets security fixes.\n`,
  );
}
