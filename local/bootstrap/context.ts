/** The `context` argument of a handler, with the members that follow from the Runtime API and the environment. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly invokedFunctionArn: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

/** Creates the handler's context from the headers of `invocation/next` and the function's environment. */
export function createContext(
  headers: NodeJS.Dict<string | string[]>,
  env: NodeJS.ProcessEnv,
): InvocationContext {
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  const {
    AWS_LAMBDA_FUNCTION_NAME: functionName = '',
    AWS_LAMBDA_FUNCTION_VERSION: functionVersion = '',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryLimitInMB = '',
    AWS_LAMBDA_LOG_GROUP_NAME: logGroupName = '',
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName = '',
  } = env;
  return {
    awsRequestId: String(headers['lambda-runtime-aws-request-id']),
    invokedFunctionArn: String(headers['lambda-runtime-invoked-function-arn']),
    functionName,
    functionVersion,
    memoryLimitInMB,
    logGroupName,
    logStreamName,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}
