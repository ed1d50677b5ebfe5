/** Names of headers, methods and cookies (RFC 9110 §5.6.2). */

/** What a token is made of, for a class of a regular expression. */
export const tokenCharacters = "!#$%&'*+.^_`|~0-9A-Za-z-";
/** A whole token. */
export const token = new RegExp(`^[${tokenCharacters}]+$`);
