/** docs/commands.md: every command with its flags, in the order of the help. */
import { type Flags, flagName, positionalsUsage } from '../../lib/cli/arguments.ts';
import type { LoadedCommand } from '../../lib/cli/define-command.ts';
import type { ProgramHelp } from '../../lib/cli/help.ts';
import { EXIT_CODES } from '../../lib/cli/help.ts';

export interface Reference {
  program: string;
  help: ProgramHelp;
  /** The flags of every command on a StatefulSet. */
  common: Flags;
  commands: readonly { heading: string; command: LoadedCommand<never> }[];
}

export function renderMarkdown({ program, help, common, commands }: Reference): string {
  const headings = [...new Set(commands.map(({ heading }) => heading))];
  return `${[
    '# Commands',
    '<!-- Written by `make docs` from the commands themselves; changes by hand are lost. -->',
    `${help.summary}.`,
    ...help.paragraphs,
    ...headings.map((heading) =>
      [
        `**${heading}**`,
        ...commands
          .filter((each) => each.heading === heading)
          .map(({ command }) => `- [${command.name}](#${anchor(command.name)}): ${plain(command.summary)}`),
      ].join('\n'),
    ),
    '**Everywhere**: [flags of all commands on a StatefulSet](#flags-of-all-commands-on-a-statefulset)',
    ...commands.flatMap(({ command }) => commandSections(command, program)),
    '## Flags of all commands on a StatefulSet',
    flagTable(common),
  ].join('\n\n')}\n`;
}

function commandSections(command: LoadedCommand<never>, program: string): string[] {
  const own = Object.fromEntries(Object.entries(command.flags).filter(([, flag]) => flag.common !== true));
  const usage = [program, command.name, positionalsUsage(command.positionals), '[options]'].filter(
    (part) => part !== '',
  );
  const codes = Object.entries({ ...EXIT_CODES, ...command.exitCodes });
  return [
    `## ${command.name}`,
    `${plain(command.summary)}.`,
    `    ${usage.join(' ')}`,
    ...command.description.map(plain),
    ...Object.values(command.positionals).map(({ description }) => plain(description)),
    ...(command.examples.length === 0
      ? []
      : [
          [
            '```sh',
            command.examples.map((example) => `# ${example.comment}\n${program} ${example.command}`).join('\n\n'),
            '```',
          ].join('\n'),
        ]),
    ...(Object.keys(own).length === 0 ? [] : [flagTable(own)]),
    `Exit codes: ${codes.map(([code, meaning]) => `${code} ${plain(meaning)}`).join('; ')}.`,
  ];
}

function flagTable(flags: Flags): string {
  const rows = Object.entries(flags)
    .map(([key, flag]) => ({ name: flagName(key), flag }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, flag }) => {
      const written = flag.short === undefined ? `\`--${name}\`` : `\`-${flag.short}\`, \`--${name}\``;
      return `| ${written} | \`${flag.shown}\` | ${plain(flag.help).replaceAll('|', '\\|')} |`;
    });
  return ['| flag | default | |', '|---|---|---|', ...rows].join('\n');
}

const anchor = (name: string): string => name.replaceAll(' ', '-');

/** Angle brackets and asterisks of help texts are no markup. */
const plain = (text: string): string => text.replaceAll(/[<>*_]/g, (mark) => `\\${mark}`);
