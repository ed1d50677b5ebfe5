/** The commands in the order of `--help`. The module of a command is loaded only if the command line names it. */
import type { Command } from 'commander';
import type { Context } from './context.ts';
import { type Kind, kinds } from './documents/kinds.ts';
import type { Host } from './terminal/host.ts';

type CreateCommand = (context: Context) => Command;

/** A command before its module is loaded. */
export interface CommandEntry {
  readonly name: string;
  /** Its line in the list of `--help`. */
  readonly does: string;
  /** @param context loads what commands share, AWS's clients among it */
  readonly load: (context: () => Promise<Context>, host: Host) => Promise<Command>;
}

/** The `load` of a command that needs the context. */
function withContext(create: () => Promise<CreateCommand>): CommandEntry['load'] {
  return async (context) => (await create())(await context());
}

/** All commands. One function in one file creates each. */
export const commands: readonly CommandEntry[] = [
  ...Object.values(kinds).map(toDocumentEntry),
  {
    name: 'secrets',
    does: 'set, list and remove secrets, which documents refer to as $secret://ssm/<name>',
    load: withContext(async () => (await import('./commands/secrets.ts')).createSecretsCommand),
  },
  {
    name: 'put',
    does: 'put a folder with documents of several kinds: routes/, services/ and so on',
    load: withContext(async () => (await import('./commands/put.ts')).createPutFolderCommand),
  },
  {
    name: 'check',
    does: 'check documents in files, without AWS: for editors, hooks and CI',
    load: withContext(async () => (await import('./commands/check.ts')).createCheckCommand),
  },
  {
    name: 'explain',
    does: 'what the proxy would do with a request, and why',
    load: withContext(async () => (await import('./commands/explain.ts')).createExplainCommand),
  },
  {
    name: 'doctor',
    does: 'check documents, URL, table, role, upstreams and clock',
    load: withContext(async () => (await import('./commands/doctor.ts')).createDoctorCommand),
  },
  {
    name: 'policy',
    does: 'the least-privilege IAM policy that the routes need',
    load: withContext(async () => (await import('./commands/policy.ts')).createPolicyCommand),
  },
  {
    name: 'invoke',
    does: 'call an IAM-protected URL, signed with your own credentials',
    load: withContext(async () => (await import('./commands/invoke.ts')).createInvokeCommand),
  },
  {
    name: 'logs',
    does: 'follow the access log in CloudWatch Logs',
    load: withContext(async () => (await import('./commands/logs.ts')).createLogsCommand),
  },
  {
    name: 'import',
    does: 'import documents from another proxy',
    load: withContext(async () => (await import('./commands/import.ts')).createImportCommand),
  },
  {
    name: 'schema',
    does: 'print JSON Schemas of documents and plugins, which editors use for completion and checks',
    load: withContext(async () => (await import('./commands/schema.ts')).createSchemaCommand),
  },
  {
    name: 'init',
    does: 'write a small app with a proxy of your own, for CDK, SAM or Terraform',
    load: withContext(async () => (await import('./commands/init.ts')).createInitCommand),
  },
  {
    name: 'dev',
    does: 'run the proxy on this machine, with your documents',
    load: withContext(async () => (await import('./commands/dev.ts')).createDevCommand),
  },
  {
    name: 'completion',
    does: 'print a script that completes commands and options of countersign in a shell',
    load: async (context, host) => {
      const { createCompletionCommand } = await import('./commands/completion.ts');
      return createCompletionCommand(host, () => createAll(context, host));
    },
  },
];

function toDocumentEntry(kind: Kind): CommandEntry {
  return {
    name: kind.command,
    does: `list, show, change and restore ${kind.singular} documents`,
    load: withContext(async () => {
      const { createDocumentCommands } = await import('./commands/documents.ts');
      return (context) => createDocumentCommands(context, kind);
    }),
  };
}

/** Loads a command, and gives it its line in the list of `--help`. */
export async function createCommand(
  { does, load }: CommandEntry,
  ...needed: Parameters<CommandEntry['load']>
): Promise<Command> {
  const command = (await load(...needed)).summary(does);
  return command.description() === '' ? command.description(does) : command;
}

function createAll(...needed: Parameters<CommandEntry['load']>): Promise<readonly Command[]> {
  return Promise.all(commands.map((entry) => createCommand(entry, ...needed)));
}

/**
 * The commands whose names are on a command line. An option's value of the same name loads a command too many, which
 * costs time only.
 */
export function findNamed(args: readonly string[]): readonly CommandEntry[] {
  return commands.filter(({ name }) => args.includes(name));
}
