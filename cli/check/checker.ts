/** Is a document valid? Judged by the very code that the proxy runs, before anything is written. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginServices } from '../../functions/proxy/plugins/plugin.ts';
import { plugins } from '../../functions/proxy/plugins/registry.ts';
import { DocumentError, type DocumentIssue } from '../../functions/proxy/routes/document-error.ts';
import { parseJson } from '../../functions/proxy/routes/json.ts';
import { createPools } from '../../functions/proxy/upstream/connections.ts';
import type { Context } from '../context.ts';
import type { Kind } from '../documents/kinds.ts';
import { findMasked } from '../mask.ts';
import { advancedBytes } from '../store/write.ts';
import { findPlace, type Place } from './place.ts';
import { readPointer } from './pointer.ts';
import { readSources, type Sources } from './sources.ts';

/** A text to be judged as the value of a parameter. */
export interface Candidate {
  /** Absolute name of the parameter. */
  readonly parameter: string;
  readonly text: string;
}

export type PlacedIssue = DocumentIssue & Place;

export interface Verdict {
  /** None: the document would be in force. */
  readonly issues: readonly PlacedIssue[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: readonly string[];
}

export type Checker = (candidate: Candidate) => Promise<Verdict>;

/** @param texts the documents that will be asked about: what they refer to is read once */
export async function createChecker(
  context: Context,
  kind: Kind,
  texts: readonly string[],
): Promise<Checker> {
  const references = await readSources(context, texts);
  const services = await createServices(context);
  return async ({ parameter, text }) => {
    try {
      refuseUnstorable(text);
      const document = await parseJson(text);
      refuseMasked(document);
      const found = await judge(
        () => kind.compile(document, { parameter, references, registry: plugins, services }),
        (issue) => isAssumed(issue, document, references),
      );
      return {
        issues: found.issues.map((issue) => placed(issue, text)),
        warnings: [...found.warnings, ...references.remarks()],
      };
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return { issues: error.issues.map((issue) => placed(issue, text)), warnings: [] };
    }
  };
}

interface Judgement {
  readonly issues: readonly DocumentIssue[];
  readonly warnings: readonly string[];
}

async function judge(
  compile: () => Promise<{ readonly warnings: readonly string[] }>,
  isExcused: (issue: DocumentIssue) => boolean,
): Promise<Judgement> {
  try {
    return { issues: [], warnings: (await compile()).warnings };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { issues: error.issues.filter((issue) => !isExcused(issue)), warnings: [] };
  }
}

/** An issue with what stands in for a value that only the proxy knows is none. */
function isAssumed({ pointer }: DocumentIssue, document: unknown, sources: Sources): boolean {
  const written = readPointer(document, pointer);
  return typeof written === 'string' && sources.isAssumed(written);
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

function placed(issue: DocumentIssue, text: string): PlacedIssue {
  return { ...issue, ...findPlace(text, issue.pointer) };
}

type Services = Omit<PluginServices, 'warn' | 'retry'>;

/** What plugins are made with. They are made to be judged, and never asked to do anything. */
async function createServices(context: Context): Promise<Services> {
  const { allowedHosts } = context.settings();
  const now = () => Date.now();
  const never = () => Promise.reject(new Error('a document that is only checked needs no keys'));
  return {
    region: await context.region(),
    allowedHosts,
    credentials: { execution: never, assume: () => never },
    now,
    random: Math.random,
    sleep: (ms) => sleep(ms),
    log: () => {},
    connect: createPools({ allowedHosts, now }).get,
  };
}
