/** Texts of documents → compressed blocks. `functions/proxy/routes/snapshot/texts.ts` reads them. */
import { deflateRawSync } from 'node:zlib';
import type { TextPlace } from '../proxy/routes/snapshot/texts.ts';

/** Compressed blocks, and where each text is. */
export interface WrittenTexts {
  readonly blocks: readonly Buffer[];
  /** In the order of the texts. */
  readonly places: readonly TextPlace[];
}

/** Small enough to be opened in a twentieth of a millisecond, and large enough to be compressed well. */
const blockBytes = 16 * 1024;
/** The same level as for the snapshot itself. */
const level = 3;

/** Fills each block until it has 16 KB. A longer text makes a longer block. */
export function writeTexts(texts: readonly Buffer[]): WrittenTexts {
  const blocks: Buffer[] = [];
  const places: TextPlace[] = [];
  let open: Buffer[] = [];
  let bytes = 0;
  const close = () => {
    if (open.length > 0) blocks.push(deflateRawSync(Buffer.concat(open), { level }));
    open = [];
    bytes = 0;
  };
  for (const text of texts) {
    places.push({ block: blocks.length, start: bytes, length: text.length });
    open.push(text);
    bytes += text.length;
    if (bytes >= blockBytes) close();
  }
  close();
  return { blocks, places };
}
