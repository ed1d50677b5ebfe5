/** The only file of this function that reads `process.env`. */

/** Reads the name of the DynamoDB table. Throws if the deployment did not set it. */
export function readTableName(env: NodeJS.ProcessEnv = process.env): string {
  const { USERS_TABLE: name } = env;
  if (name) return name;
  throw new Error('USERS_TABLE is not set; expected the name of the DynamoDB table.');
}
