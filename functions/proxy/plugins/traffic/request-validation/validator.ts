/** Compiles schemas with Ajv. Expressions in them are searched with the proxy's own search, whose work is bounded. */
import { Ajv, type ErrorObject } from 'ajv';
import { documentError } from '../../../documents/document-error.ts';
import { keepCompiled } from '../../../documents/kept-compiled.ts';
import {
  assertPattern,
  compilePatterns,
  toSearchSteps,
  toTotalSize,
} from '../../../documents/pattern.ts';
import { ProxyError } from '../../../http/errors.ts';
import { formats } from './formats.ts';
import type { PreparedSchema } from './prepare-schema.ts';

/** @returns what is wrong with the value, in words that the schema has; undefined where it is valid */
export type Validate = (value: unknown) => string | undefined;

/** Where a schema stands, and who counts its expressions. */
export interface ValidatorOptions {
  readonly pointer: string;
  readonly countSteps: (steps: number, pointer: string) => void;
}

/** Steps of all searches for one body, or for the headers of one request: about 35 ms of CPU. */
const maxSteps = 5_000_000;

/** A compiled schema costs as much time and memory as expressions of so many steps. */
const stepsOfSchema = 50;
const stepsOfPart = 8;

interface Budget {
  steps: number;
}

/** @throws DocumentError for a schema that is none, and for expressions that are too large */
export function compileValidator(
  { schema, parts }: PreparedSchema,
  options: ValidatorOptions,
): Validate {
  options.countSteps(stepsOfSchema + stepsOfPart * parts, options.pointer);
  let isNew = false;
  const { validate, steps } = keepCompiled(['schema', schema], () => {
    isNew = true;
    return compile(schema, options);
  });
  if (!isNew) options.countSteps(steps, options.pointer);
  return validate;
}

/** @returns the validator, and the steps of its expressions, which are counted by now */
function compile(schema: object | boolean, options: ValidatorOptions) {
  assertSchema(schema, options);
  const budget: Budget = { steps: 0 };
  let steps = 0;
  const countSteps: ValidatorOptions['countSteps'] = (more, pointer) => {
    steps += more;
    options.countSteps(more, pointer);
  };
  const judgeValue = createAjv(budget, { ...options, countSteps }).compile(schema);
  const validate: Validate = (value) => {
    budget.steps = 0;
    if (judgeValue(value)) return undefined;
    return toWords(judgeValue.errors?.at(-1));
  };
  return { validate, steps };
}

/** Made once: to compile the schema of schemas takes longer than most schemas do. Errors have the value that is wrong. */
const judge = new Ajv({ strict: false, logger: false, verbose: true });

function assertSchema(schema: object | boolean, { pointer }: ValidatorOptions): void {
  if (!judge.validateSchema(schema)) {
    const [error] = judge.errors ?? [];
    const at = error?.instancePath ?? '';
    throw documentError(`${pointer}${at}`, error?.data, `a JSON Schema: ${error?.message ?? ''}`);
  }
}

function createAjv(budget: Budget, options: ValidatorOptions): Ajv {
  const compile = (pattern: string) => compileSearch(pattern, budget, options);
  // Ajv wants the code of an expression's constructor for modules that it writes; it writes none here.
  const regExp = Object.assign(compile, { code: 'undefined' });
  const ajv = new Ajv({
    // Names that every object inherits are no properties of a value.
    ownProperties: true,
    ...{ strict: false, logger: false, messages: true, addUsedSchema: false },
    ...{ meta: false, validateSchema: false },
    formats,
    code: { regExp },
  });
  // Ajv compares each item with all others, which takes minutes for a list of objects.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    ...{ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', errors: false },
    validate: (isAsked: boolean, items: readonly unknown[]) => !isAsked || areUnique(items),
  });
  return ajv;
}

function compileSearch(pattern: string, budget: Budget, { pointer, countSteps }: ValidatorOptions) {
  assertPattern(pattern, pointer);
  const size = toTotalSize([pattern]);
  countSteps(size, pointer);
  const search = compilePatterns([pattern]);
  return {
    test(text: string): boolean {
      budget.steps += toSearchSteps(size, text);
      if (budget.steps > maxSteps) throw toTooCostly();
      const finding = search([text]);
      if (finding === 'costly') throw toTooCostly();
      return finding === 'found';
    },
    toString: () => pattern,
  };
}

function toTooCostly(): ProxyError {
  return new ProxyError('MALFORMED_REQUEST', 'the expressions of the schema take too long', {
    detail: 'A value is too long',
  });
}

function areUnique(items: readonly unknown[]): boolean {
  return new Set(items.map(toCanonical)).size === items.length;
}

/** Two values have the same text where JSON Schema calls them equal. */
function toCanonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([name, item]) => `${JSON.stringify(name)}:${toCanonical(item)}`,
  );
  return `{${members.sort().join()}}`;
}

/** Names the properties of the schema, never those that only the client has written. */
function toWords(error: ErrorObject | undefined): string {
  if (!error) return 'validation failed';
  const names = [...error.schemaPath.matchAll(/\/properties\/([^/]+)/g)].map(([, name = '']) =>
    decodeURIComponent(name).replaceAll('~1', '/').replaceAll('~0', '~'),
  );
  if (error.keyword === 'required') {
    const { missingProperty } = error.params as { readonly missingProperty: string };
    return `property "${[...names, missingProperty].join('.')}" is required`;
  }
  const place = names.length === 0 ? '' : `property "${names.join('.')}" `;
  return `${place}validation failed: ${error.keyword === 'uniqueItems' ? 'items must be unique' : error.message}`;
}
