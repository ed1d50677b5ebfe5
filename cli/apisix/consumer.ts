/** Converts a consumer of APISIX, and each of its credentials, to documents. */
import { type Converted, toPlainId } from '../import/conversion.ts';
import { convertFields } from './fields.ts';
import { type ConvertOptions, convertPlugins } from './plugins.ts';
import { type Resource, toRecord } from './read.ts';
import type { SharedDocuments } from './shared.ts';

/** A consumer or credential that is converted, or left out with the reason. */
export type ConvertedConsumer = { readonly converted: Converted } | { readonly dropped: string };

/** What consumers are converted with. */
export interface ConsumerContext extends ConvertOptions {
  readonly list: (type: string) => readonly Resource[];
  readonly shared: SharedDocuments;
}

/** A consumer that would be let through more than it was is left out, with its credentials. */
export function convertConsumer(
  consumer: Resource,
  context: ConsumerContext,
): readonly ConvertedConsumer[] {
  const id = String(consumer['username']);
  const { plugins, remarks, lost } = convertPlugins(toRecord(consumer['plugins']), context);
  const { fields, ...others } = convertFields(consumer, ['desc', 'labels']);
  const group = findGroup(consumer, context);
  const wider = [...lost, ...group.lost];
  if (wider.length > 0) {
    const dropped = `consumer ${id}: it would be let through more than it was; ${wider.join('; ')}`;
    return [{ dropped }];
  }
  const document = { username: id, ...fields, plugins, ...group.link };
  const said = [...remarks, ...others.remarks, ...others.lost];
  const credentials = context
    .list('credentials')
    .filter(({ username }) => username === id)
    .map((credential, index) => convertCredential(credential, { ...context, username: id, index }));
  return [{ converted: { kind: 'consumers', id, document, remarks: said } }, ...credentials];
}

function findGroup(
  { group_id: id }: Resource,
  { shared }: ConsumerContext,
): { readonly link: Resource; readonly lost: readonly string[] } {
  if (id === undefined) return { link: {}, lost: [] };
  const group = shared.find('consumer_groups', id);
  if (!group) return { link: {}, lost: [`consumer_groups/${id} is not in the file`] };
  const own = group.converted.id;
  const lost = group.lost.length > 0 ? [`consumer_groups/${own} is left out`] : [];
  return { link: { group_id: own }, lost };
}

interface CredentialContext extends ConsumerContext {
  readonly username: string;
  readonly index: number;
}

function convertCredential(credential: Resource, context: CredentialContext): ConvertedConsumer {
  const { username, index } = context;
  const id = toPlainId(String(credential['id'] ?? credential['name'] ?? index + 1));
  const { plugins, remarks, lost } = convertPlugins(toRecord(credential['plugins']), context);
  if (lost.length > 0) {
    return { dropped: `credential ${id} of consumer ${username}: ${lost.join('; ')}` };
  }
  const { fields, ...others } = convertFields(credential, ['name', 'desc', 'labels']);
  return {
    converted: {
      ...{
        kind: 'consumers',
        id: `${username}/credentials/${id}`,
        document: { ...fields, plugins },
      },
      remarks: [...remarks, ...others.remarks, ...others.lost],
    },
  };
}
