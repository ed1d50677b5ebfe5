/** `explain [METHOD] URL`: what the proxy would do with a request, without sending it anywhere. */
import { Command } from 'commander';
import { toConsequence } from '../../functions/proxy/routes/invalid-document.ts';
import type { Context } from '../context.ts';
import { explainRequest } from '../explain/explain.ts';
import { createMasking, mapStrings } from '../explain/masking.ts';
import { renderExplanation } from '../explain/render.ts';
import { documentationAddress } from '../explain/request.ts';
import { loadTable } from '../rehearsal/load-table.ts';
import { withExamples } from '../terminal/examples.ts';
import { toPlain } from '../terminal/table.ts';
import {
  type AskedTarget,
  addRequestOptions,
  collect,
  type RequestOptions,
  readAskedTarget,
  readData,
  readVariables,
} from './request-options.ts';

interface ExplainOptions extends RequestOptions {
  readonly env?: readonly string[];
  readonly sourceIp: string;
  readonly verbose?: boolean;
}

/**
 * Creates `countersign explain`, which runs a request through the documents without sending it. It fails with `FOUND`
 * if the proxy would refuse the request.
 */
export function createExplainCommand(context: Context): Command {
  const command = new Command('explain')
    .description(
      'show what the proxy would do with a request: the matching route and the reason why the others do not match, each plugin, the upstream request, and how it is signed. The command runs the code of the proxy on the documents in force, and calls no upstream.',
    )
    .option(
      '--env <NAME=VALUE>',
      'a variable of the function, for $env:// references; may be repeated',
      collect,
    )
    .option('--source-ip <address>', "the client's address", documentationAddress)
    .option('-v, --verbose', 'show the canonical request and the string to sign as well')
    .action((method: string | undefined, url: string | undefined, options: ExplainOptions) =>
      explain(context, readAskedTarget([method, url], options), options),
    );
  const url = 'path and query, or the whole URL, whose host then counts';
  return withExamples(addRequestOptions(command, url), [
    {
      does: 'Which route answers, and what it sends',
      run: "npx countersign explain GET '/hello?name=you'",
    },
    {
      does: 'With the canonical request and the string to sign, to compare signatures',
      run: "npx countersign explain GET '/hello?name=you' -v",
    },
    {
      does: 'With a body and a header that the proxy moves',
      run: `npx countersign explain POST '/aws/default/echo?a=1' -H 'Authorization: Bearer t0ken' -d '{"a":1}'`,
    },
    {
      does: 'Whether a request reaches its upstream, for a script',
      run: 'npx countersign explain GET /nowhere --json',
    },
  ]);
}

async function explain(
  context: Context,
  asked: AskedTarget,
  { header = [], data, env = [], sourceIp, verbose = false }: ExplainOptions,
): Promise<void> {
  const body = await readData(data, context.host);
  const variables = readVariables(env);
  const loaded = await context
    .output()
    .during('Reading the documents', () => loadTable(context, variables));
  const { secrets, invalid, unknownVariables } = loaded;
  const explained = await explainRequest({ ...asked, headers: header, body, sourceIp }, loaded);
  const explanation = mapStrings(explained, createMasking(secrets));

  const output = context.output();
  // Texts of documents and clients must not contain control characters for the terminal.
  const plain = mapStrings(explanation, toPlain);
  output.result(explanation, () =>
    renderExplanation(plain, { paint: output.paint, isVerbose: verbose }),
  );
  for (const document of invalid) {
    const { parameter, version, fault } = document;
    const what = fault === 'malformed' ? 'is invalid' : 'cannot be fulfilled';
    const consequence = toPlain(toConsequence(document));
    output.warn(
      `${parameter}: version ${version} ${what}; ${consequence}. See ${context.commandLine('doctor')}`,
    );
  }
  for (const name of unknownVariables) {
    output.warn(`$env://${name} is not known here: set it with --env ${name}=<value>.`);
  }
  if (explanation.refusal !== undefined) context.setExitCode('FOUND');
}
