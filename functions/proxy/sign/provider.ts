/** The keys that requests are signed with, and the function that provides them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent for credentials that the environment rotates by itself. */
  readonly expiration?: Date;
}

/**
 * @param rejectedKeyId access key that an upstream has just called expired: if it is the one that is kept, it is not
 *   good enough any more
 * @throws ProxyError `CREDENTIALS_UNAVAILABLE`
 */
export type CredentialsProvider = (rejectedKeyId?: string) => Promise<Credentials>;

/** A role to assume (STS API: `AssumeRole`). */
export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId: string | undefined;
  readonly sessionName: string;
}
