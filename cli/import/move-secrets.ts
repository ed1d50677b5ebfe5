/** Moves clear-text secrets out of converted documents: a reference takes the place of each. */
import { pointerTo } from '../../functions/proxy/documents/document-error.ts';
import { maskQuery } from '../../functions/proxy/log/masked-query.ts';
import { advancedBytes } from '../store/write.ts';
import { mapSecrets } from '../terminal/mask.ts';
import { type Conversion, type Converted, takeId } from './conversion.ts';

/** In a document of a consumer, these plugins hold credentials. Others have the settings that they have in a route. */
const credentialPlugins = ['key-auth', 'basic-auth', 'jwt-auth', 'hmac-auth'];
/** Fields that masking hides, and that are the name of a cookie, or of what a hash is made of. */
const harmless = /\/jwt-auth\/cookie$|^\/plugins\/traffic-split\/.*\/key$/;
const headerLine = /^([\w-]+):\s*(.*)$/s;

/** @returns the conversion with references in place of secrets, and the secrets in `secrets` */
export function moveSecrets(conversion: Conversion): Conversion {
  const secrets = new Map<string, string>();
  const taken = new Set<string>();
  const documents = conversion.documents.map((converted) => {
    const own = moveOwn(converted, taken);
    for (const [name, value] of own.secrets) secrets.set(name, value);
    return own.converted;
  });
  return { ...conversion, documents, secrets };
}

interface Moved {
  readonly converted: Converted;
  readonly secrets: ReadonlyMap<string, string>;
}

function moveOwn(converted: Converted, taken: Set<string>): Moved {
  const { kind, document, remarks } = converted;
  const written = document['plugins'];
  if (typeof written !== 'object' || written === null) return { converted, secrets: new Map() };
  const secrets = new Map<string, string>();
  const left: string[] = [];
  const replace = (value: string, pointer: string) => {
    if (value === '' || harmless.test(pointer)) return value;
    if (isTemplate(value, pointer) || Buffer.byteLength(value) > advancedBytes) {
      left.push(pointer);
      return value;
    }
    const name = takeId(taken, toName(converted, pointer));
    secrets.set(name, value);
    return `$secret://ssm/${name}`;
  };
  const plugins = Object.entries(written).map(([plugin, config]) => {
    const isConsumer = kind === 'consumers' && credentialPlugins.includes(plugin);
    const pointer = pointerTo('/plugins', plugin);
    const moved = mapSecrets(config, { isConsumer, pointer, replace });
    left.push(...findEmbedded(moved, pointer));
    return [plugin, moved] as const;
  });
  const said = left.map(toLeft);
  // A route that only refuses has no secret, and stays the same object.
  const own = secrets.size === 0 ? document : { ...document, plugins: Object.fromEntries(plugins) };
  return { converted: { ...converted, document: own, remarks: [...remarks, ...said] }, secrets };
}

const toLeft = (pointer: string) =>
  `${pointer} may hold a key, and stays: a reference stands for a whole value of up to ${advancedBytes} bytes without variables`;

/** Headers have variables: a value with one is a template. */
function isTemplate(value: string, pointer: string): boolean {
  return /\/headers\//.test(pointer) && value.includes('$');
}

/** The keys of consumers have a folder of their own, because writers of routes may not refer to it. */
function toName({ kind, id }: Converted, pointer: string): string {
  const field = pointer.slice('/plugins/'.length).split('/').map(toPart).join('.');
  return `${kind}/${id.split('/').map(toPart).join('/')}/${field.slice(0, 200)}`;
}

const toPart = (text: string) => text.replaceAll(/[^\w-]+/g, '-') || '-';

/** @returns the pointers of texts of which only a part is a secret: in the query of a URL, or in a header's line */
function findEmbedded(value: unknown, pointer: string): string[] {
  if (typeof value === 'string') return isEmbedding(value) ? [pointer] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) =>
    findEmbedded(item, pointerTo(pointer, name)),
  );
}

function isEmbedding(text: string): boolean {
  const query = /^[^\s?]*\/[^\s?]*\?([^#]*)/.exec(text)?.[1] ?? '';
  if (maskQuery(query, new Set()) !== query || /^https?:\/\/[^/]*@/.test(text)) return true;
  const [, name = '', rest] = headerLine.exec(text) ?? [];
  if (rest === undefined) return false;
  let isFound = false;
  const replace = (value: string) => {
    isFound = true;
    return value;
  };
  mapSecrets({ [name]: rest }, { isConsumer: false, pointer: '', replace });
  return isFound;
}
