/** A stand-in of CloudFormation that receives the answers of custom resources. */
import { createServer } from 'node:http';
import type { Outcome } from '../../functions/create-route/answer.ts';
import type { ResourceEvent } from '../../functions/create-route/event.ts';
import { listen, readBody } from '../../local/http-server.ts';
import { closeAtEnd } from './open-resources.ts';

/** The members of an event that its answer repeats. */
export type Asked = Pick<ResourceEvent, 'StackId' | 'RequestId' | 'LogicalResourceId'>;

export interface CloudFormation {
  /** The response URL in events. */
  readonly responseUrl: string;
  /** Content types of the answers. */
  readonly types: (string | undefined)[];
  /** Removes and returns the only answer since the last call. Throws if it belongs to another event. */
  take(event: Asked): Outcome;
}

/** @param options.refusedAnswers number of answers that are refused first; 0 by default */
export async function startCloudFormation(options: {
  readonly refusedAnswers?: number;
}): Promise<CloudFormation> {
  const { refusedAnswers = 0 } = options;
  const answers: Outcome[] = [];
  const types: (string | undefined)[] = [];
  let refused = 0;
  const server = createServer(async (request, response) => {
    // CloudFormation accepts at most this many bytes.
    const body = await readBody(request, 4096);
    if (refused < refusedAnswers || body === undefined) {
      refused += 1;
      response.writeHead(503).end();
      return;
    }
    answers.push(JSON.parse(String(body)));
    types.push(request.headers['content-type']);
    response.end();
  });
  const { url, close } = await listen(server, {});
  closeAtEnd(close);
  return {
    ...{ types, responseUrl: `${url}/answer?signature=marked` },
    take: ({ StackId, RequestId, LogicalResourceId }) => {
      const [answer, ...others] = answers.splice(0);
      if (!answer || others.length > 0) {
        throw new Error(`${answer ? 1 + others.length : 0} answers, expected 1`);
      }
      expect(answer).toMatchObject({ StackId, RequestId, LogicalResourceId });
      return answer;
    },
  };
}
