/** Strict decoders: text that is not exactly what the encoder would write is refused. */
/** RFC 4648 §4, padding required; Node's own decoder skips characters that are not base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** RFC 4648 §5 without padding, as JWTs are written (RFC 7515 §2). */
export function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Upper or lower case. */
export function decodeHex(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'hex');
  return bytes.toString('hex') === text.toLowerCase() ? bytes : undefined;
}
