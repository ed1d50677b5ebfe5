import { Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The most that an advanced parameter holds; a standard one holds half. */
const maxValueBytes = 8192;

/** Throws when `id` cannot be the last segment of a parameter's name. */
export function assertRouteId(id: string): void {
  if (/^[A-Za-z0-9_.-]+$/.test(id)) return;
  throw new Error(
    `Route id ${JSON.stringify(id)} becomes part of a parameter's name: use A-Z a-z 0-9 _ . - only.`,
  );
}

/**
 * A route document as a parameter's value. CDK tokens (the URL of a function in the same app) become
 * CloudFormation intrinsics inside the JSON. Throws, naming the route, on what JSON or Parameter Store cannot hold.
 */
export function toRouteValue(scope: Construct, id: string, document: object): string {
  const stack = Stack.of(scope);
  assertJson(document, { route: id, pointer: '', ancestors: [] });
  // Tokens count as the intrinsics they become. That is near enough to refuse a hopeless document at synth;
  // the deployment reports the rest.
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
  /** JSON pointer (RFC 6901) of the value that is looked at. */
  readonly pointer: string;
  readonly ancestors: readonly object[];
}

// JSON.stringify would drop or bend such values, and the proxy would run another route than the one written.
function assertJson(value: unknown, at: Position): void {
  if (Token.isUnresolved(value)) return;
  const found = findNonJson(value);
  if (found !== undefined) throw notJson(at, found);
  if (typeof value !== 'object' || value === null) return;
  if (at.ancestors.includes(value)) throw notJson(at, 'a reference to its own parent');
  for (const [key, child] of Object.entries(value)) {
    // An absent optional property, as in JavaScript at large; in an array it would become null instead.
    if (child === undefined && !Array.isArray(value)) continue;
    const pointer = `${at.pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    assertJson(child, { route: at.route, pointer, ancestors: [...at.ancestors, value] });
  }
}

/** What `value` is, when JSON has no such value; its members are not looked at. */
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
