/** Is a document valid? Judged by the very code that the proxy runs, before anything is written. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DocumentError,
  type DocumentIssue,
} from '../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { allPlugins } from '../../functions/proxy/plugins/all.ts';
import {
  assertFulfilled,
  type CompiledDocument,
  compileDocument,
} from '../../functions/proxy/routes/compile.ts';
import type { CompileContext } from '../../functions/proxy/routes/prepare.ts';
import { createPools } from '../../functions/proxy/send/connections.ts';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { advancedBytes } from '../store/write.ts';
import { findMasked } from '../terminal/mask.ts';
import { findPlace, type Place } from './place.ts';
import { readPointer } from './pointer.ts';
import type { Sources } from './sources.ts';

/** A text to be judged as the value of a parameter. */
export interface Candidate {
  /** Absolute name of the parameter. */
  readonly parameter: string;
  readonly text: string;
}

/** An issue with its line and column in the text. */
export type PlacedIssue = DocumentIssue & Place;

/** The result of checking one document. */
export interface Verdict {
  /** None: the document would be in force. */
  readonly issues: readonly PlacedIssue[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: readonly string[];
  /** Missing where the document is invalid, or hangs on a value that is not known here. */
  readonly compiled: CompiledDocument | undefined;
}

/** Checks documents with the proxy's own code. */
export interface Checker {
  check(candidate: Candidate): Promise<Verdict>;
  /** What the last checks had to take on trust. */
  remarks(): readonly string[];
}

/** @param references what the documents that will be asked about refer to */
export async function createChecker(
  context: Context,
  kind: Kind,
  references: Sources,
): Promise<Checker> {
  const services = await createServices(context);
  const shared = { kind: kind.singular, plugins: allPlugins, references, services } as const;
  const { requireAccessPlugin } = context.settings();
  return {
    remarks: references.remarks,
    async check({ parameter, text }) {
      try {
        refuseUnstorable(text);
        const document = await parseJson(text);
        refuseMasked(document);
        return judge(document, { ...shared, parameter, requireAccessPlugin, references }, text);
      } catch (error) {
        return toVerdict(error, text);
      }
    },
  };
}

type JudgeContext = CompileContext & { readonly references: Sources };

function judge(document: unknown, context: JudgeContext, text: string): Verdict {
  try {
    const compiled = compileDocument(document, context);
    assertFulfilled(compiled);
    return { issues: [], warnings: compiled.warnings, compiled };
  } catch (error) {
    // An issue with what stands in for a value that only the proxy knows is none.
    return toVerdict(error, text, ({ pointer }) => {
      const written = readPointer(document, pointer);
      return typeof written === 'string' && context.references.isAssumed(written);
    });
  }
}

function toVerdict(
  error: unknown,
  text: string,
  isExcused: (issue: DocumentIssue) => boolean = () => false,
): Verdict {
  if (!(error instanceof DocumentError)) throw error;
  const issues = error.issues
    .filter((issue) => !isExcused(issue))
    .map((issue) => ({ ...issue, ...findPlace(text, issue.pointer) }));
  return { issues, warnings: [], compiled: undefined };
}

/** What Parameter Store would refuse, whatever the proxy thinks of it. */
function refuseUnstorable(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > advancedBytes) {
    const expected = `at most ${advancedBytes}, which is what a parameter holds; split it into several documents`;
    throw new DocumentError([{ pointer: '', found: `${bytes} bytes`, expected }]);
  }
  if (/\{\{.*\}\}/s.test(text)) {
    const expected = 'none: Parameter Store refuses values that contain them';
    throw new DocumentError([{ pointer: '', found: 'the characters {{ and }}', expected }]);
  }
}

/** What `show` prints without `--reveal` must not come back as a document. */
function refuseMasked(document: unknown): void {
  const pointer = findMasked(document);
  if (pointer === undefined) return;
  const expected = 'the value itself: show prints it with --reveal';
  throw new DocumentError([{ pointer, found: 'a masked value', expected }]);
}

/** What plugins are made with. They are made to be judged, and never asked to do anything. */
async function createServices(context: Context): Promise<CompileContext['services']> {
  const { allowedHosts, limitTable } = context.settings();
  const now = () => Date.now();
  const never = () => Promise.reject(new Error('a document that is only checked needs no keys'));
  return {
    // It is a default for scopes; a command that has got by without a region so far needs none for that.
    region: await context.region().catch(() => 'us-east-1'),
    allowedHosts,
    credentials: { execution: never, assume: () => never },
    // Never called: what is checked here counts nothing.
    limits: { endpoint: new URL('https://dynamodb.invalid/'), table: limitTable },
    now,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    log: () => {},
    connect: createPools({ allowedHosts, now }).get,
  };
}
