/** What the person has and wants, from flags, questions and defaults. */
import type { Context } from '../context.ts';
import { CliError } from '../terminal/cli-error.ts';
import type { Prompts } from '../terminal/host.ts';
import { type Flag, findRegion, type Question, questions, type RawAnswers } from './questions.ts';

/** How the questions are answered. */
export interface AnswerOptions {
  /** Answers by flags; they are not asked for. */
  readonly given: RawAnswers;
  /** Takes the defaults for what was not given. */
  readonly yes: boolean;
  /** Region of the command line or the environment. */
  readonly region: string | undefined;
}

/**
 * Asks what was not given.
 * @throws CliError USAGE for an answer that cannot be used, DECLINED if there is no terminal to ask on
 */
export async function readAnswers(context: Context, options: AnswerOptions): Promise<RawAnswers> {
  const { yes, region } = options;
  const given = withUpstream(options.given);
  const prompts = yes ? undefined : context.host.prompts;
  const answers: Partial<Record<Flag, string>> = {};
  const missing: Flag[] = [];
  for (const question of questions) {
    const { flag } = question;
    if (!question.isAsked(answers)) {
      assertNotGiven(question, given, answers);
      continue;
    }
    const standard = question.standard(answers, region);
    const answer = given[flag] ?? (await ask(prompts, question, { answers, standard }));
    const text = answer ?? (yes ? standard : undefined);
    if (text === undefined) missing.push(flag);
    else answers[flag] = assertUsable(question, text, answers);
  }
  if (missing.length > 0) throw toMissing(missing, yes);
  return answers;
}

/** A URL says itself what it belongs to. */
function withUpstream(given: RawAnswers): RawAnswers {
  const { url, upstream } = given;
  if (upstream !== undefined || url === undefined) return given;
  const isApi = findRegion(url) !== undefined && url.includes('.execute-api.');
  return { ...given, upstream: isApi ? 'api' : 'function-url' };
}

interface Asked {
  readonly answers: RawAnswers;
  readonly standard: string | undefined;
}

async function ask(
  prompts: Prompts | undefined,
  question: Question,
  { answers, standard }: Asked,
): Promise<string | undefined> {
  if (!prompts) return undefined;
  const text = question.text(answers, standard);
  if (question.choices) return prompts.askChoice(text, question.choices);
  const check = (answer: string) => {
    const expected = question.check(answer.trim(), answers);
    return expected === undefined ? undefined : `Expected ${expected}.`;
  };
  return (await prompts.askText(text, { standard, check })).trim();
}

function assertUsable({ flag, check }: Question, text: string, answers: RawAnswers): string {
  const expected = check(text, answers);
  if (expected === undefined) return text;
  throw new CliError('USAGE', `--${flag}: found ${JSON.stringify(text)}, expected ${expected}.`);
}

/** What is not asked has no effect. */
function assertNotGiven({ flag, dependsOn }: Question, given: RawAnswers, answers: RawAnswers) {
  const other = dependsOn && answers[dependsOn];
  if (given[flag] === undefined || other === undefined) return;
  throw new CliError('USAGE', `--${flag} does not go with --${dependsOn} ${other}.`);
}

function toMissing(missing: readonly Flag[], yes: boolean): CliError {
  const flags = missing.map((flag) => `--${flag}`);
  const list =
    flags.length === 1 ? flags[0] : `${flags.slice(0, -1).join(', ')} and ${flags.at(-1)}`;
  if (yes) return new CliError('USAGE', `${list} is not given, and has no default.`);
  return new CliError('DECLINED', 'There is no terminal to ask on; nothing was written.', {
    hint: `Give ${list}, or --yes for the defaults. --help describes the flags.`,
  });
}
