/** One Allow statement of an identity policy. */
export interface InvokeStatement {
  readonly actions: string[];
  readonly resourceArns: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * The statements that allow calls of function URLs. There are two, because a request to a function URL is authorised as
 * two actions, and each action has its own condition key.
 */
export function toFunctionStatements(resourceArns: string[]): InvokeStatement[] {
  return [
    {
      actions: ['lambda:InvokeFunctionUrl'],
      resourceArns,
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      // Only through the URL: the proxy cannot call the function by the Invoke API.
      actions: ['lambda:InvokeFunction'],
      resourceArns,
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
    },
  ];
}
