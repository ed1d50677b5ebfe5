/** Checks whether a document is valid, with the code that the proxy runs, before anything is written. */
import {
  DocumentError,
  type DocumentIssue,
} from '../../functions/proxy/documents/document-error.ts';
import { parseJson } from '../../functions/proxy/documents/json.ts';
import { createInertServices } from '../../functions/proxy/plugins/inert-services.ts';
import type { CompiledDocument } from '../../functions/proxy/routes/compile.ts';
import { judgeDocument } from '../../functions/proxy/routes/judge.ts';
import { type DocumentKind, isSharedKind, toKind } from '../../functions/proxy/routes/kind.ts';
import type { Context } from '../context.ts';
import type { Origin } from '../documents/yaml.ts';
import { advancedBytes } from '../store/write.ts';
import { findMasked } from '../terminal/mask.ts';
import { findDeadLinks, findUnguarded, guardRoutes } from './guarded.ts';
import { findPlace, type Place } from './place.ts';
import type { SharedView } from './shared-view.ts';
import type { Sources } from './sources.ts';
import { withAllUnknownFields } from './unknown-fields.ts';

/** A text to check as the value of a parameter. */
export interface Candidate {
  /** Absolute name of the parameter. */
  readonly parameter: string;
  readonly text: string;
  /** If the text was converted from another one, in which issues have their places. */
  readonly origin?: Origin | undefined;
}

/** An issue with its line and column in the text. */
export interface PlacedIssue extends DocumentIssue, Place {
  /** The id that was probably meant, of an object that is not there. */
  readonly meant?: string;
}

/** The result of checking one document. */
export interface Verdict {
  /** Issues of the document. Without issues it would be in force. */
  readonly issues: readonly PlacedIssue[];
  /** Warnings about a valid document. */
  readonly warnings: readonly string[];
  /** Undefined if the document is invalid, or depends on a value that is not known here. */
  readonly compiled: CompiledDocument | undefined;
}

/** Checks documents with the proxy's own code. */
export interface Checker {
  check(candidate: Candidate): Promise<Verdict>;
  /** Assumptions of the last checks, as sentences. */
  remarks(): readonly string[];
}

/**
 * @param references the references in the documents that will be checked
 * @param view gets the shared objects of the documents that are checked, and has those that later ones name. Without it every object
 * that a document names counts as there
 */
export async function createChecker(
  context: Context,
  references: Sources,
  view?: SharedView,
): Promise<Checker> {
  const { requireAccessPlugin, allowedHosts, limitTable } = context.settings();
  // The region is only a default for credential scopes. Commands that worked without a region need none here.
  const region = await context.region().catch(() => 'us-east-1');
  const services = createInertServices({ region, allowedHosts, limitTable });
  const isAssumed = (written: unknown) =>
    typeof written === 'string' && references.isAssumed(written);
  const judging = { references, services, isAssumed, ...(view && { shared: view }) };
  const { root } = references.rules;
  return {
    remarks: references.remarks,
    async check(candidate) {
      const { parameter, text, origin } = candidate;
      const locate = origin?.locate ?? ((pointer: string) => findPlace(text, pointer));
      const { issues, compiled } = await judge(candidate);
      const kind = toKind(parameter, root);
      if (isSharedKind(kind)) view?.add({ kind, parameter, text, compiled });
      return compiled && issues.length === 0
        ? { issues: [], warnings: compiled.warnings, compiled }
        : toVerdict(issues, { locate, view });
    },
  };

  async function judge({ parameter, text, origin }: Candidate): Promise<Judged> {
    if (origin?.fault) return { issues: [toIssue(origin.fault)], compiled: undefined };
    try {
      const kind = readKind(parameter, root);
      refuseUnstorable(text);
      const document = await parseJson(text);
      refuseMasked(document);
      // Below global rules a route is open or not by these as well.
      const isStrict = requireAccessPlugin && !view?.hasRules();
      const context = { ...judging, parameter, kind, requireAccessPlugin: isStrict };
      const judged = judgeDocument(document, context);
      if (judged.compiled && view) return judgeAmong(judged.compiled, view);
      return { ...judged, issues: withAllUnknownFields(document, judged.issues) };
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return { issues: error.issues, compiled: undefined };
    }
  }

  function judgeAmong(alone: CompiledDocument, view: SharedView): Judged {
    const compiled = guardRoutes(alone, view);
    const unguarded = requireAccessPlugin && view.hasRules() ? findUnguarded(compiled) : [];
    return { issues: [...findDeadLinks(compiled, view), ...unguarded], compiled };
  }
}

interface Judged {
  readonly issues: readonly DocumentIssue[];
  readonly compiled: CompiledDocument | undefined;
}

function toIssue({ found }: NonNullable<Origin['fault']>): DocumentIssue {
  return { pointer: '', found, expected: 'one document in YAML 1.2, without tags' };
}

interface Placing {
  readonly locate: Origin['locate'];
  readonly view: SharedView | undefined;
}

function toVerdict(issues: readonly DocumentIssue[], { locate, view }: Placing): Verdict {
  const placed = issues.map((issue) => {
    const meant = view?.findMeant(issue);
    return { ...issue, ...locate(issue.pointer), ...(meant === undefined ? {} : { meant }) };
  });
  return { issues: placed, warnings: [], compiled: undefined };
}

/** Refuses names below `consumers/` and a folder `credentials` that the proxy does not read. */
function readKind(parameter: string, root: string): DocumentKind {
  const kind = toKind(parameter, root);
  if (kind) return kind;
  const name = parameter.slice(root.length + 1);
  const expected = 'consumers/<username>/credentials/<id>: the proxy does not read other names';
  throw new DocumentError([{ pointer: '', found: `the name ${name}`, expected }]);
}

/** Refuses texts that Parameter Store would refuse. */
function refuseUnstorable(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > advancedBytes) {
    const expected = `at most ${advancedBytes}, the maximum size of a parameter; split it into several documents`;
    throw new DocumentError([{ pointer: '', found: `${bytes} bytes`, expected }]);
  }
  if (/\{\{.*\}\}/s.test(text)) {
    const expected = 'none: Parameter Store refuses values that contain them';
    throw new DocumentError([{ pointer: '', found: 'the characters {{ and }}', expected }]);
  }
}

/** Refuses masked values, which `show` prints without `--reveal`. */
function refuseMasked(document: unknown): void {
  const pointer = findMasked(document);
  if (pointer === undefined) return;
  const expected = 'the value itself; show --reveal prints it';
  throw new DocumentError([{ pointer, found: 'a masked value', expected }]);
}
