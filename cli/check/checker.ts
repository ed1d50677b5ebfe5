/** Is a document valid? Judged by the very code that the proxy runs, before anything is written. */
import {
  DocumentError,
  type DocumentIssue,
} from '../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { judgeDocument } from '../../functions/proxy/routes/judge.ts';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { advancedBytes } from '../store/write.ts';
import { findMasked } from '../terminal/mask.ts';
import { findPlace, type Place } from './place.ts';
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
  const { requireAccessPlugin, allowedHosts, limitTable } = context.settings();
  // It is a default for scopes; a command that has got by without a region so far needs none for that.
  const region = await context.region().catch(() => 'us-east-1');
  const services = createInertServices({ region, allowedHosts, limitTable });
  const isAssumed = (written: unknown) =>
    typeof written === 'string' && references.isAssumed(written);
  const shared = { kind: kind.singular, references, services, requireAccessPlugin, isAssumed };
  return {
    remarks: references.remarks,
    async check({ parameter, text }) {
      try {
        refuseUnstorable(text);
        const document = await parseJson(text);
        refuseMasked(document);
        const { issues, compiled } = judgeDocument(document, { ...shared, parameter });
        return compiled
          ? { issues: [], warnings: compiled.warnings, compiled }
          : toVerdict(issues, text);
      } catch (error) {
        if (!(error instanceof DocumentError)) throw error;
        return toVerdict(error.issues, text);
      }
    },
  };
}

function toVerdict(issues: readonly DocumentIssue[], text: string): Verdict {
  const placed = issues.map((issue) => ({ ...issue, ...findPlace(text, issue.pointer) }));
  return { issues: placed, warnings: [], compiled: undefined };
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
