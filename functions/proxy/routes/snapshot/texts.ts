/**
 * The texts of documents, in compressed blocks: to read a text decompresses its block alone, and a refresh decompresses none. So the bytes
 * of a snapshot are a third of its content, for the memory, the garbage collector and the digest as well.
 */
import { inflateRawSync } from 'node:zlib';
import { blockNumbers } from './format.ts';

/** Where the text of a document is. */
export interface TextPlace {
  readonly block: number;
  /** Inside the block, in bytes. */
  readonly start: number;
  readonly length: number;
}

/**
 * @param blocks start and length of each block
 * @returns a function that reads one text. It keeps the block that was read last, because texts are often read in their order
 */
export function createTexts(blocks: Int32Array, texts: Buffer): (place: TextPlace) => string {
  let last: { readonly block: number; readonly bytes: Buffer } | undefined;
  const open = (block: number) => {
    const [start = 0, length = 0] = blocks.subarray(block * blockNumbers);
    return { block, bytes: inflateRawSync(texts.subarray(start, start + length)) };
  };
  return ({ block, start, length }) => {
    if (last?.block !== block) last = open(block);
    return last.bytes.toString('utf8', start, start + length);
  };
}
