/** CloudWatch Logs on loopback: FilterLogEvents of the JSON 1.1 protocol, filter patterns included. */
import { createServer, type ServerResponse } from 'node:http';
import { type Listening, listen, readBody } from '../../local/http-server.ts';
import { fitsPattern } from '../../local/logs/filter-pattern.ts';
import { createVerifier } from './upstream.ts';

export interface FakeLogs extends Listening {
  /** Inputs of the calls. */
  readonly calls: Readonly<Record<string, unknown>>[];
  /** Writes a line; it arrives in the order of `timestamp`, as AWS sorts it. */
  write(timestamp: number, message: string): void;
}

interface LogEvent {
  readonly eventId: string;
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

/** Two events on each page, so that a test fails if the code reads only the first page. */
const perPage = 2;

export async function startFakeLogs(logGroup: string): Promise<FakeLogs> {
  const events: LogEvent[] = [];
  const calls: Readonly<Record<string, unknown>>[] = [];
  const verify = createVerifier('logs');
  const server = createServer((request, response) => {
    void readBody(request, 1_000_000).then((body = Buffer.alloc(0)) => {
      const { method = '', url: target = '/', rawHeaders, headers } = request;
      const verdict = verify({ method, target, rawHeaders, body });
      if (!verdict.ok) return sendJson(response, verdict.status, { __type: verdict.errorType });
      if (headers['x-amz-target'] !== 'Logs_20140328.FilterLogEvents') {
        return sendJson(response, 400, { __type: 'UnknownOperationException' });
      }
      const input = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      calls.push(input);
      if (input['logGroupName'] !== logGroup) {
        const message = 'The specified log group does not exist.';
        return sendJson(response, 400, { __type: 'ResourceNotFoundException', message });
      }
      return sendJson(response, 200, findPage(events, input));
    });
  });
  return {
    ...(await listen(server)),
    calls,
    write(timestamp, message) {
      const eventId = String(events.length);
      const at = { timestamp, ingestionTime: timestamp };
      events.push({ eventId, logStreamName: 's', ...at, message: `${message}\n` });
      events.sort((a, b) => a.timestamp - b.timestamp);
    },
  };
}

function findPage(events: readonly LogEvent[], input: Readonly<Record<string, unknown>>): object {
  const { startTime = 0, filterPattern = '', nextToken = '0' } = input;
  const found = events
    .filter(({ timestamp }) => timestamp >= Number(startTime))
    .filter(({ message }) => fitsPattern(message, String(filterPattern)));
  const first = Number(nextToken);
  const next = first + perPage;
  return {
    events: found.slice(first, next),
    searchedLogStreams: [],
    ...(next < found.length ? { nextToken: String(next) } : {}),
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
