import { Token } from 'aws-cdk-lib';
import { QueryDefinition, QueryString, type QueryStringProps } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SigningProxy } from '../proxy/signing-proxy.ts';
import type { Publisher } from '../publisher/publisher.ts';

/** Props of {@link SavedQueries}. */
export interface SavedQueriesProps {
  readonly proxy: SigningProxy;
}

interface Query {
  readonly id: string;
  readonly name: string;
  readonly query: QueryStringProps;
}

/** Formats strings as a list in the syntax of Logs Insights. */
const listed = (...texts: readonly string[]) => `[${texts.map((text) => `"${text}"`).join(', ')}]`;

const queries: readonly Query[] = [
  {
    id: 'ErrorsByCode',
    name: 'errors by code',
    query: {
      filterStatements: ['type = "access" and ispresent(error)'],
      statsStatements: ['count(*) as requests, latest(cause) as lastCause by error, route, status'],
      sort: 'requests desc',
    },
  },
  {
    id: 'SlowestRoutes',
    name: 'slowest routes',
    query: {
      filterStatements: ['type = "access"'],
      statsStatements: [
        'count(*) as requests, pct(ttfbMs, 50) as p50, pct(ttfbMs, 99) as p99, pct(upstreamMs, 99) as upstreamP99, pct(addedMs, 99) as addedP99 by route',
      ],
      sort: 'p99 desc',
    },
  },
  {
    id: 'DeniedByIam',
    name: 'denied by IAM',
    query: {
      filterStatements: [
        `error in ${listed('UPSTREAM_ACCESS_DENIED', 'UPSTREAM_SIGNATURE_REJECTED', 'UPSTREAM_KEY_UNKNOWN', 'UPSTREAM_TOKEN_EXPIRED', 'CREDENTIALS_UNAVAILABLE')}`,
      ],
      statsStatements: ['count(*) as requests, latest(@timestamp) as last by route, error, cause'],
      sort: 'requests desc',
    },
  },
  {
    id: 'ClientsTurnedAway',
    name: 'clients turned away',
    query: {
      filterStatements: [`error in ${listed('UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED')}`],
      statsStatements: [
        'count(*) as requests, latest(cause) as lastCause by route, error, consumer',
      ],
      sort: 'requests desc',
    },
  },
  {
    id: 'OneRequest',
    name: 'one request by id',
    query: {
      fields: ['@timestamp', '@message'],
      filterStatements: [
        'requestId = "PASTE-THE-REQUEST-ID" or @requestId = "PASTE-THE-REQUEST-ID"',
      ],
      sort: '@timestamp asc',
    },
  },
  {
    id: 'TriedAgain',
    name: 'requests tried again or cut',
    query: {
      fields: [
        '@timestamp',
        'requestId',
        'route',
        'status',
        'upstreamTries',
        'upstreamMs',
        'error',
        'cause',
        'cut',
      ],
      filterStatements: ['type = "access" and (upstreamTries > 1 or ispresent(cut))'],
      sort: '@timestamp desc',
    },
  },
  {
    id: 'BytesByRoute',
    name: 'bytes by route',
    query: {
      filterStatements: ['type = "access"'],
      statsStatements: [
        'sum(requestBytes) as received, sum(responseBytes) as sent, max(responseBytes) as largest by route',
      ],
      sort: 'sent desc',
    },
  },
  {
    id: 'Documents',
    name: 'documents',
    query: {
      fields: [
        '@timestamp',
        'event',
        'message',
        'parameter',
        'version',
        'fault',
        'inForce',
        'issues.0.pointer',
        'issues.0.found',
        'issues.0.expected',
        'table',
        'openRoutes',
        'error',
      ],
      filterStatements: [
        `event in ${listed('invalid-document', 'refresh-failed', 'table')} or ispresent(winner)`,
      ],
      sort: '@timestamp desc',
    },
  },
];

const publisherQuery: Query = {
  id: 'Changes',
  name: 'changes of documents',
  query: {
    fields: [
      '@timestamp',
      'event',
      'parameter',
      'version',
      'inForce',
      'issues.0.pointer',
      'issues.0.found',
      'issues.0.expected',
      'openRoutes.0',
      'secret',
    ],
    filterStatements: ['event like /^document-/'],
    sort: '@timestamp desc',
  },
};

/** Saved Logs Insights queries, in a folder of the console with the name of the parameter path. */
export class SavedQueries extends Construct {
  readonly definitions: readonly QueryDefinition[];

  constructor(scope: Construct, id: string, { proxy }: SavedQueriesProps) {
    super(scope, id);
    const folder = toFolder(proxy.parameterPath);
    const add = ({ id: queryId, name, query }: Query, source: SigningProxy | Publisher) =>
      new QueryDefinition(this, queryId, {
        queryDefinitionName: `${folder}/${name}`,
        queryString: new QueryString(query),
        logGroups: [source.logGroup],
      });
    this.definitions = [
      ...queries.map((query) => add(query, proxy)),
      ...(proxy.publisher ? [add(publisherQuery, proxy.publisher)] : []),
    ];
  }
}

/** The console shows `/` in a name as folders. What a token begins with is known only at deployment. */
function toFolder(path: string): string {
  return Token.isUnresolved(path) ? `Countersign${path}` : path.replace(/^\//, '');
}
