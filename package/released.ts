/** What `countersign init` copies for SAM: the template of a release, and the code that the package does not have anyway. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { createRelease } from '../release/release.ts';

const ofCdk = 'bucket-emptier';

/** Writes `template.json`, and the folder of the function that is CDK's own. The template names zips by their bytes. */
export async function writeReleased(folder: string): Promise<void> {
  const files = await createRelease();
  const zip = Object.entries(files).find(([name]) => name.startsWith(`${ofCdk}-`))?.[1];
  const template = files['template.json'];
  if (!zip || !template) throw new Error(`the release has no template.json, or no ${ofCdk}`);
  const written = Object.entries(unzipSync(zip)).map(
    ([name, content]) => [join(folder, ofCdk, name), content] as const,
  );
  for (const [file, content] of [...written, [join(folder, 'template.json'), template] as const]) {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
