/** A failure as SSM's JSON protocol reports it. */
export class SsmError extends Error {
  override readonly name = 'SsmError';
  /** `__type` and `x-amzn-errortype`. */
  readonly type: string;
  readonly status: number;

  constructor(message: string, options: { readonly type: string; readonly status?: number }) {
    super(message);
    this.type = options.type;
    this.status = options.status ?? 400;
  }
}

/** A value that SSM refuses before it reads stored parameters. */
export function validationError(message: string): SsmError {
  return new SsmError(message, { type: 'ValidationException' });
}

/** A member that violates a constraint of the API's model, in the wording of all AWS services. */
export function constraintError(value: unknown, member: string, constraint: string): SsmError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${constraint}`,
  );
}

/** No such parameter, version or label. */
export function parameterNotFound(name: string): SsmError {
  return new SsmError(`Parameter ${name} not found.`, { type: 'ParameterNotFound' });
}
