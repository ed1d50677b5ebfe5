/** The name of a function, as a person gives it. */

/** The parts of a function's name or ARN. */
export interface FunctionName {
  readonly name: string;
  /** Alias of the function URL, if it has one. */
  readonly alias: string | undefined;
  /** Undefined if the name alone was given. */
  readonly account: string | undefined;
  readonly region: string | undefined;
}

const pattern =
  /^(?:arn:aws[\w-]*:lambda:(?<region>[a-z0-9-]+):(?<account>\d{12}):function:)?(?<name>[\w-]{1,64})(?::(?<alias>[\w-]{1,128}))?$/;

/** @returns undefined if the text is neither a name nor an ARN, each with an alias or without */
export function parseFunction(text: string): FunctionName | undefined {
  const groups = pattern.exec(text)?.groups;
  if (!groups?.['name']) return undefined;
  const { name, alias, account, region } = groups;
  return { name, alias, account, region };
}
