/** Help in kubectl's layout, made from command values alone. */
import { type Flags, flagName, positionalsUsage } from './arguments.ts';
import type { Example, Listed, LoadedCommand } from './define-command.ts';
import { wrap } from './wrap.ts';

/** Columns of help where the terminal is not narrower. */
export const HELP_WIDTH = 100;

/** The parts of the program's help beside its commands. */
export interface ProgramHelp {
  summary: string;
  paragraphs: readonly string[];
  examples: readonly Example[];
  /** Names of groups such as `sandbox`, with what they are for. */
  groups: Readonly<Record<string, string>>;
}

/** The help of one command: what it does, examples, its own flags, exit codes, usage. */
export function renderCommandHelp(
  command: Omit<LoadedCommand<never>, 'execute'>,
  program: string,
  width = HELP_WIDTH,
): string {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([, flag]) => flag.common !== true));
  const positionals = Object.values(command.positionals).map(({ description }) => description);
  const usage = [command.name, positionalsUsage(command.positionals), '[options]'].filter((part) => part !== '');
  return sections([
    paragraphs([`${command.summary}.`, ...command.description], width),
    positionals.flatMap((text) => wrap(text, width)).join('\n'),
    section('Examples', renderExamples(command.examples, program, width)),
    section('Options', renderFlags(own, width)),
    section('Exit codes', renderExitCodes(command.exitCodes ?? {}, width)),
    section('Usage', `  ${program} ${usage.join(' ')}`),
    seeOptions(program, width),
  ]);
}

/** The help of the program or of a group of commands (`path`, '' for the program). */
export function renderGroupHelp(
  entries: readonly Listed[],
  program: string,
  help: ProgramHelp,
  path: string,
  width = HELP_WIDTH,
): string {
  const prefix = path === '' ? '' : `${path} `;
  const rows = new Map<string, Map<string, string>>();
  for (const entry of entries) {
    if (!entry.name.startsWith(prefix)) continue;
    const [word = ''] = entry.name.slice(prefix.length).split(' ');
    const heading = path === '' ? entry.heading : 'Available Commands';
    const group = help.groups[`${prefix}${word}`];
    const listed = rows.get(heading) ?? new Map<string, string>();
    rows.set(heading, listed.set(word, group ?? entry.summary));
  }
  const left = Math.max(15, ...[...rows.values()].flatMap((listed) => [...listed.keys()].map(({ length }) => length)));
  return sections([
    path === ''
      ? paragraphs([`${help.summary}.`, ...help.paragraphs], width)
      : paragraphs([`${help.groups[path] ?? path}.`], width),
    ...[...rows].map(([heading, listed]) =>
      section(
        heading,
        [...listed]
          .map(([word, summary]) =>
            wrap(summary, width - left - 3)
              .map((line, at) => `  ${(at === 0 ? word : '').padEnd(left)} ${line}`)
              .join('\n'),
          )
          .join('\n'),
      ),
    ),
    path === '' ? section('Examples', renderExamples(help.examples, program, width)) : '',
    section('Usage', `  ${program} ${prefix}COMMAND [options]`),
    `${wrap(`Use "${program} ${prefix}COMMAND --help" for more information about a given command.`, width).join('\n')}\n${seeOptions(program, width)}`,
  ]);
}

/** The flags that every command on a StatefulSet takes. */
export function renderOptionsHelp(flags: Flags, width = HELP_WIDTH): string {
  return sections([
    'The following options can be passed to all commands that work on a StatefulSet:',
    renderFlags(flags, width),
  ]);
}

const seeOptions = (program: string, width: number): string =>
  wrap(`Use "${program} options" for a list of the options of all commands that work on a StatefulSet.`, width).join(
    '\n',
  );

const sections = (parts: readonly string[]): string => `${parts.filter((part) => part !== '').join('\n\n')}\n`;

const section = (heading: string, body: string): string => (body === '' ? '' : `${heading}:\n${body}`);

const paragraphs = (texts: readonly string[], width: number): string =>
  texts.map((text) => wrap(text, width).join('\n')).join('\n\n');

const renderExamples = (examples: readonly Example[], program: string, width: number): string =>
  examples
    .map(({ comment, command }) =>
      [...wrap(comment, width - 4).map((line) => `  # ${line}`), `  ${program} ${command}`].join('\n'),
    )
    .join('\n\n');

function renderFlags(flags: Flags, width: number): string {
  return Object.entries(flags)
    .map(([key, flag]) => ({ name: flagName(key), flag }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, flag: { short, shown, help } }) => {
      const head = short === undefined ? `--${name}` : `-${short}, --${name}`;
      return [`    ${head}=${shown}:`, ...wrap(help, width - 8).map((line) => `        ${line}`)].join('\n');
    })
    .join('\n\n');
}

/** The meaning of the first three exit codes, for every command. */
export const EXIT_CODES: Readonly<Record<number, string>> = {
  0: 'done, or already so',
  1: 'error of the cluster, the cloud, the configuration or the network',
  2: 'the command line cannot be understood',
};

const renderExitCodes = (own: Readonly<Record<number, string>>, width: number): string =>
  Object.entries({ ...EXIT_CODES, ...own })
    .map(([code, meaning]) => `  ${code.padEnd(3)} ${wrap(meaning, width - 6).join('\n      ')}`)
    .join('\n');
