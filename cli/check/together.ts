/** Checks documents of several kinds together, as they would be in force. */
import type { Context } from '../context.ts';
import { type Kind, type KindName, kindsInOrder } from '../documents/kinds.ts';
import type { Origin } from '../documents/yaml.ts';
import { type Checker, createChecker, type Verdict } from './checker.ts';
import { createSharedView, type SharedView } from './shared-view.ts';
import type { Sources } from './sources.ts';

/** A document to check. */
export interface Text {
  readonly kind: Kind;
  readonly id: string;
  readonly text: string;
  readonly origin?: Origin | undefined;
}

/** A document and what was found. */
export type Checked<T extends Text = Text> = T & Verdict;

/** The documents that were checked. */
export interface Together<T extends Text> {
  /** In the order of {@link kindsInOrder}, and of ids. */
  readonly checked: readonly Checked<T>[];
  /** Checks more documents among these. */
  readonly checker: Checker;
  readonly view: SharedView;
}

/** What the documents are checked with. */
export interface Surroundings {
  readonly sources: Sources;
  /** Whether the texts have all documents of a kind. Documents of another kind may exist besides. */
  readonly isWhole: (kind: KindName) => boolean;
}

/** Checks each document after those that it may name. */
export async function checkTogether<T extends Text>(
  context: Context,
  texts: readonly T[],
  { sources, isWhole }: Surroundings,
): Promise<Together<T>> {
  const view = createSharedView(isWhole);
  const checker = await createChecker(context, sources, view);
  const checked: Checked<T>[] = [];
  for (const own of kindsInOrder.flatMap((kind) =>
    texts.filter((text) => text.kind === kind).sort(byId),
  )) {
    const parameter = `${sources.rules.root}/${own.kind.name}/${own.id}`;
    const { text, origin } = own;
    checked.push({ ...own, ...(await checker.check({ parameter, text, origin })) });
  }
  return { checked, checker, view };
}

/** In the order of the parameters' names, which decides about two objects with one id. */
function byId(a: Text, b: Text): number {
  return a.id < b.id ? -1 : 1;
}
