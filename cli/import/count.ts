/** The last sentence of an import: how many documents there are, and how many things are left out. */
import { kinds, kindsInOrder } from '../documents/kinds.ts';
import { type Conversion, type Converted, isRefusing } from './conversion.ts';

type Counted = Converted & { readonly issues: readonly string[] };

/** @returns for example `3 documents: 1 service, 2 routes (1 of them refuses every request). 1 thing is left out.` */
export function countConverted(documents: readonly Counted[], { dropped }: Conversion): string {
  const imported = documents.filter(({ issues }) => issues.length === 0);
  const leftOut = documents.length - imported.length + dropped.length;
  const parts = kindsInOrder.flatMap((kind) => {
    const { length } = imported.filter((own) => kinds[own.kind] === kind);
    return length === 0 ? [] : [count(length, kind.singular, kind.plural)];
  });
  const refusing = imported.filter(isRefusing).length;
  const verb = refusing === 1 ? 'refuses' : 'refuse';
  const refusal = refusing === 0 ? '' : ` (${refusing} of them ${verb} every request)`;
  const total = count(imported.length, 'document', 'documents');
  const listed = parts.length === 0 ? '' : `: ${parts.join(', ')}${refusal}`;
  const left = leftOut === 0 ? '' : ` ${count(leftOut, 'thing is', 'things are')} left out.`;
  return `${total}${listed}.${left}`;
}

function count(n: number, one: string, several: string): string {
  return `${n} ${n === 1 ? one : several}`;
}
