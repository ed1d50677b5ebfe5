/** The call that an app shows once it is deployed. */
import type { AppPlan } from './app-plan.ts';

/** What follows the proxy's URL in the call: no slash in front; '' if the route's path needs quotes. */
export function toCallPath({ uri, upstream }: AppPlan): string {
  const isPlain = /^[\w./~:*-]*$/.test(uri);
  const path = isPlain ? uri.replace(/^\//, '').replace(/\*$/, '') : '';
  return `${path}${upstream.kind === 'hello' ? '?name=you' : ''}`;
}
