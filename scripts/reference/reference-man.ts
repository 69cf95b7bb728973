/** Manual pages (man(7) macros): kubectl-zeroloss.1 and one for each command. */
import { type Flags, flagName, positionalsUsage } from '../../lib/cli/arguments.ts';
import type { LoadedCommand } from '../../lib/cli/define-command.ts';
import { EXIT_CODES } from '../../lib/cli/help.ts';
import type { Reference } from './reference-markdown.ts';

/** File, relative to the project, and text of every page. */
export function renderManPages({ program, help, common, commands }: Reference): [file: string, text: string][] {
  const list = commands.flatMap(({ command }) => ['.TP', `.BR ${pageName(command.name)} (1)`, roff(command.summary)]);
  const main = page('kubectl-zeroloss', help.summary, [
    ...section('SYNOPSIS', [`.B ${program}`, 'COMMAND [options]']),
    ...section(
      'DESCRIPTION',
      help.paragraphs.flatMap((text) => ['.PP', roff(text)]),
    ),
    ...section('COMMANDS', list),
    ...section('OPTIONS OF ALL COMMANDS ON A STATEFULSET', options(common)),
  ]);
  return [
    ['man/kubectl-zeroloss.1', main],
    ...commands.map(({ command }): [string, string] => [
      `man/${pageName(command.name)}.1`,
      commandPage(command, program),
    ]),
  ];
}

function commandPage(command: LoadedCommand<never>, program: string): string {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([, flag]) => flag.common !== true));
  const paragraphs = [
    ...command.description,
    ...Object.values(command.positionals).map(({ description }) => description),
  ];
  const examples = command.examples.flatMap(({ comment, command: line }) => [
    '.TP',
    roff(`${comment}:`),
    `.B ${roff(`${program} ${line}`)}`,
  ]);
  const codes = Object.entries({ ...EXIT_CODES, ...command.exitCodes });
  return page(pageName(command.name), command.summary, [
    ...section('SYNOPSIS', [
      `.B ${roff(`${program} ${command.name}`)}`,
      roff(`${positionalsUsage(command.positionals)} [options]`.trim()),
    ]),
    ...section(
      'DESCRIPTION',
      paragraphs.flatMap((text) => ['.PP', roff(text)]),
    ),
    ...section('OPTIONS', options(own)),
    ...section(
      'EXIT STATUS',
      codes.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
    ),
    ...section('EXAMPLES', examples),
    ...section('SEE ALSO', ['.BR kubectl-zeroloss (1)']),
  ]);
}

const pageName = (command: string): string => `kubectl-zeroloss-${command.replaceAll(' ', '-')}`;

const page = (name: string, summary: string, lines: readonly string[]): string =>
  `${[`.TH ${roff(name.toUpperCase())} 1`, '.SH NAME', `${roff(name)} \\- ${roff(summary)}`, ...lines].join('\n')}\n`;

const section = (heading: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`.SH ${heading}`, ...lines];

function options(flags: Flags): string[] {
  return Object.entries(flags)
    .map(([key, flag]) => ({ name: flagName(key), flag }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, flag: { short, shown, help } }) => [
      '.TP',
      `.B ${roff(short === undefined ? `--${name}=${shown}` : `-${short}, --${name}=${shown}`)}`,
      roff(help),
    ]);
}

/** Backslashes and dashes as themselves; a dot or a quote that begins a line is no macro. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
