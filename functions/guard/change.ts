/** EventBridge's event → the change that it tells of. */

export interface Change {
  /** Absolute name of the parameter. */
  readonly name: string;
  readonly isDeletion: boolean;
}

/** @returns undefined for what is no change of a parameter below the root */
export function parseChange(event: unknown, root: string): Change | undefined {
  const { source, detail } = Object(event);
  const { name, operation } = Object(detail);
  const isBelow = typeof name === 'string' && name.startsWith(`${root}/`);
  if (source !== 'aws.ssm' || !isBelow) return undefined;
  // A label puts no value in force.
  if (!['Create', 'Update', 'Delete'].includes(operation)) return undefined;
  return { name, isDeletion: operation === 'Delete' };
}
