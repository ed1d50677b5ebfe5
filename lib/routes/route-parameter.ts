import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Maximum size of an advanced parameter. A standard parameter holds half of it. */
const maxValueBytes = 8192;

/** Throws if `id` cannot be the last segment of a parameter's name. */
export function assertRouteId(id: string): void {
  if (/^[A-Za-z0-9_.-]+$/.test(id)) return;
  throw new Error(
    `Route id ${JSON.stringify(id)} becomes part of a parameter's name: use only A-Z a-z 0-9 _ . and -.`,
  );
}

/**
 * Converts a route document to a parameter's value. CDK tokens (such as the URL of a function of the app) become
 * CloudFormation intrinsics inside the JSON. Throws an error that names the route if JSON or Parameter Store cannot
 * hold the document.
 */
export function toRouteValue(scope: Construct, id: string, document: object): string {
  const stack = Stack.of(scope);
  assertJson(document, { route: id, pointer: '', ancestors: [] });
  // Tokens count as the intrinsics that they become. This estimate finds documents that are much too large; the
  // deployment reports the others.
  const resolved = JSON.stringify(stack.resolve(document));
  if (resolved.includes('{{')) {
    throw new Error(`Route ${id}: Parameter Store refuses values that contain "{{".`);
  }
  const bytes = Buffer.byteLength(resolved);
  if (bytes > maxValueBytes) {
    throw new Error(
      `Route ${id} takes ${bytes} bytes; a parameter holds ${maxValueBytes}. Split it into several routes.`,
    );
  }
  return stack.toJsonString(document);
}

interface Position {
  readonly route: string;
  /** JSON pointer (RFC 6901) of the current value. */
  readonly pointer: string;
  readonly ancestors: readonly object[];
}

// JSON.stringify would omit or change such values, and the proxy would run a different route.
function assertJson(value: unknown, at: Position): void {
  if (Token.isUnresolved(value)) return;
  const found = findNonJson(value);
  if (found !== undefined) throw notJson(at, found);
  if (typeof value !== 'object' || value === null) return;
  if (at.ancestors.includes(value)) throw notJson(at, 'a reference to its own parent');
  for (const [key, child] of Object.entries(value)) {
    // An undefined property counts as absent. In an array it would become null.
    if (child === undefined && !Array.isArray(value)) continue;
    const pointer = `${at.pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    assertJson(child, { route: at.route, pointer, ancestors: [...at.ancestors, value] });
  }
}

/** Names the type of a value that JSON cannot hold; undefined if JSON can. Members are not checked. */
function findNonJson(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) ? undefined : String(value);
    case 'object':
      if (value === null || Array.isArray(value) || isPlainObject(value)) return undefined;
      return `an instance of ${value.constructor.name}`;
    default:
      return `of type ${typeof value}`;
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function notJson(at: Position, found: string): Error {
  return new Error(`Route ${at.route}: ${at.pointer || 'the document'} is ${found}, not JSON.`);
}
