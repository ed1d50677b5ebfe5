/** How IAM names what is behind a URL of API Gateway. */

/** @param hostname of an API under its AWS name; that of a private API has its endpoint's id after the API's */
export function toApiId(hostname: string): string {
  return hostname.replace(/(-vpce-[^.]*)?\..*$/, '');
}

/**
 * The readings of a path as `<stage>/<method>/<path>`, for every method: the path alone, or everything below it if it ends
 * with a slash. The first segment is a stage, or part of the path for an HTTP API with the stage `$default`.
 */
export function toApiPaths(pathname: string): string[] {
  const path = pathname.slice(1).replace(/\/$/, '/*');
  if (path === '' || path === '*') return ['*'];
  const [stage, ...rest] = path.split('/');
  return [`${stage}/*${rest.length > 0 ? `/${rest.join('/')}` : ''}`, `$default/*/${path}`];
}
