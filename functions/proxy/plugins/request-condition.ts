/** `vars` of plugins: conditions on a request that has found its route. */
import type { ParseContext } from '../documents/document-error.ts';
import { pointerTo } from '../documents/document-error.ts';
import { createConditionSubject } from './condition-subject.ts';
import { compileExpression } from './expression.ts';
import type { PluginServices } from './plugin.ts';
import type { FindMore } from './text-template.ts';
import type { VariableSubject } from './variables.ts';

/** Where conditions stand, and what they may name beside the variables of a request. */
export interface VarsOptions<TSubject>
  extends Pick<ParseContext, 'pointer'>,
    Pick<PluginServices, 'countSteps'> {
  readonly findMore?: FindMore<TSubject>;
}

/**
 * @param vars one expression
 * @throws DocumentError
 */
export function compileVars<TSubject extends VariableSubject>(
  vars: readonly unknown[] | undefined,
  { pointer, countSteps, findMore }: VarsOptions<TSubject>,
): (subject: TSubject) => boolean {
  if (!vars) return () => true;
  const isMore = (name: string) => findMore?.(name) !== undefined;
  const holds = compileExpression(vars, { countSteps, isMore, unknown: {}, pointer });
  return (subject) => holds(createConditionSubject(subject, findMore));
}

/**
 * @param vars expressions of which one has to hold
 * @throws DocumentError
 */
export function compileAlternatives<TSubject extends VariableSubject>(
  vars: readonly (readonly unknown[])[] | undefined,
  { pointer, countSteps, findMore }: VarsOptions<TSubject>,
): (subject: TSubject) => boolean {
  if (!vars) return () => true;
  const isMore = (name: string) => findMore?.(name) !== undefined;
  const conditions = vars.map((written, index) =>
    compileExpression(written, {
      ...{ countSteps, isMore, unknown: {} },
      pointer: pointerTo(pointer, index),
    }),
  );
  return (subject) => {
    const read = createConditionSubject(subject, findMore);
    return conditions.some((holds) => holds(read));
  };
}
