/** One Allow statement of an identity policy. */
export interface InvokeStatement {
  readonly actions: string[];
  readonly resourceArns: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

/**
 * What calling the function URLs of functions takes. Two statements: a request to a function URL is authorised as both
 * actions, and each knows only its own condition key.
 */
export function toFunctionStatements(resourceArns: string[]): InvokeStatement[] {
  return [
    {
      actions: ['lambda:InvokeFunctionUrl'],
      resourceArns,
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    },
    {
      // Through its URL only: the proxy cannot call the function by the Invoke API.
      actions: ['lambda:InvokeFunction'],
      resourceArns,
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': true } },
    },
  ];
}
