/** From the words of a command line to an exit code. Knows nothing of the process it runs in. */

import type { RawArguments } from '../lib/cli/arguments.ts';
import { cloudFlags } from '../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../lib/cli/connection-flags.ts';
import { type CommandEntry, loadCommand } from '../lib/cli/define-command.ts';
import { HELP_WIDTH, renderCommandHelp, renderGroupHelp, renderOptionsHelp } from '../lib/cli/help.ts';
import { readWords } from '../lib/cli/parse.ts';
import { route } from '../lib/cli/route.ts';
import {
  commonFlags,
  dryRunFlag,
  noHeadersFlag,
  outputFlag,
  recordFlag,
  serviceFlag,
  timeoutFlag,
} from '../lib/cli/verb-flags.ts';
import { ExitCode } from '../lib/core/errors.ts';
import { lineWidthOf } from '../lib/output/streams.ts';
import { commands, programHelp } from './commands.ts';
import type { Context, Host } from './context.ts';
import { createContext } from './create-context.ts';
import { printFailure } from './show/print.ts';

/** Flags of every command on a StatefulSet; `options` lists them. */
const everywhere = { ...connectionFlags, ...cloudFlags, ...recordFlag, ...commonFlags };

/** Flags that may stand before a command's name, since most commands take them. */
const beforeCommand = {
  ...everywhere,
  output: outputFlag,
  dryRun: dryRunFlag,
  noHeaders: noHeadersFlag,
  service: serviceFlag,
  timeout: timeoutFlag('0'),
};

/** Runs one command line and resolves to its exit code; it never rejects. */
export async function runCli(host: Host): Promise<number> {
  const { argv, program } = host;
  if (argv[0] === '__complete') {
    const { runComplete } = await import('./completion/answer-completion.ts');
    return runComplete(host, argv.slice(1), beforeCommand);
  }
  let command: string | undefined;
  let raw: RawArguments | undefined;
  try {
    const found = route(argv, commands, beforeCommand);
    if (found.kind === 'options') return print(host, renderOptionsHelp(everywhere, helpWidth(host)));
    if (found.kind === 'help') return print(host, await renderHelp(found.path, program, helpWidth(host)));
    command = found.entry.name;
    const loaded = await loadCommand(found.entry);
    raw = await readWords(found.words, loaded.flags, loaded.foreign);
    return await loaded.execute(createContext(host, loaded, raw), raw);
  } catch (error) {
    const context = createContext(host, undefined, raw);
    return await printFailure(
      { ...context, command },
      error,
      askedFormat(argv, raw),
      command === undefined ? {} : { verb: command },
    );
  }
}

/** A narrow terminal gets lines that fit. */
const helpWidth = ({ streams }: Host): number => Math.min(HELP_WIDTH, lineWidthOf(streams.stdout) ?? HELP_WIDTH);

async function renderHelp(path: string, program: string, width: number): Promise<string> {
  const entry: CommandEntry<Context> | undefined = commands.find(({ name }) => name === path);
  if (entry === undefined) return renderGroupHelp(commands, program, programHelp(program), path, width);
  return renderCommandHelp(await loadCommand(entry), program, width);
}

function print({ streams }: Host, text: string): number {
  streams.stdout.write(text);
  return ExitCode.done;
}

/** The data format that was asked for, read as well as can be from a command line that may not make sense. */
function askedFormat(argv: readonly string[], raw: RawArguments | undefined): 'json' | 'yaml' | undefined {
  const asked =
    raw?.flags.get('output')?.[0] ?? /(?:^|\s)(?:-o|--output)[=\s]?(json|yaml)(?:\s|$)/.exec(argv.join(' '))?.[1];
  return asked === 'json' || asked === 'yaml' ? asked : undefined;
}
