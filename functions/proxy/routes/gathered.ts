/** What compiling a document gathers, its faults among it. */
import { DocumentError, type DocumentIssue } from '../documents/document-error.ts';
import { maxIssues } from '../documents/schema.ts';
import type { Pool } from '../send/connections.ts';
import type { connectNodes } from '../upstream/balance/compile.ts';

/** What compiling a document gathers beside its result. */
export interface Gathered {
  readonly pools: Pool[];
  /** What an operator should know, though the document is valid. */
  readonly warnings: string[];
  /** Resolved references, for the table's version. */
  readonly substituted: string[];
  /** Instructions of all its regular expressions. */
  patternSteps: number;
  /** Keys of the shared objects that the document names, there or not; undefined without any. */
  links?: readonly string[];
  /** How many plugins its routes or consumers have from those objects. */
  inherited?: number;
  /** Instructions of the regular expressions of those plugins. */
  inheritedSteps?: number;
  /** By object, what makes the upstreams of those objects for a route. */
  connected?: Map<unknown, ReturnType<typeof connectNodes>>;
}

/** What a document's regular expressions may come to: a quarter of a second to compile. */
const maxPatternSteps = 20_000;

/** Counts the instructions of one regular expression. @throws DocumentError when the document has too many */
export function addSteps(gathered: Gathered, steps: number, pointer: string): void {
  gathered.patternSteps += steps;
  if (gathered.patternSteps <= maxPatternSteps) return;
  throw new DocumentError([
    {
      pointer,
      found: `${gathered.patternSteps} with those before`,
      expected: `regular expressions of at most ${maxPatternSteps} steps in one document, repetitions written out`,
    },
  ]);
}

/** Adds the steps of a plugin that is written in another document. They have a limit of their own. @throws DocumentError */
export function addInheritedSteps(gathered: Gathered, steps: number, pointer: string): void {
  const counted = { ...gathered, patternSteps: gathered.inheritedSteps ?? 0 };
  gathered.inheritedSteps = counted.patternSteps + steps;
  addSteps(counted, steps, pointer);
}

/** Where the parts of one document put what they gather, and what is wrong with them. */
export interface Gathering {
  readonly gathered: Gathered;
  /** Faults so far. The whole document is refused in the end, with all of them. */
  readonly issues: DocumentIssue[];
}

/**
 * Runs one part of compiling a document. When the part is malformed, its issues are kept, and the next part is tried, so
 * that one reading names every fault.
 *
 * @returns undefined for a malformed part
 * @throws DocumentError when the document's regular expressions are too large, or when there are as many issues as a person
 * corrects at once: nothing more is compiled then. Each issue is stored and logged, and is larger than the text that it is about
 */
export function attempt<T>({ gathered, issues }: Gathering, run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const isOver = gathered.patternSteps > maxPatternSteps || issues.length >= maxIssues;
    if (isOver) throw error;
    issues.push(...error.issues);
    if (issues.length >= maxIssues) {
      throw new DocumentError(issues.slice(0, maxIssues), { cause: error });
    }
    return undefined;
  }
}
