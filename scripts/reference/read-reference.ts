/** Every command with its flags, loaded: what docs/commands.md and the man pages are rendered from. */
import { commands, programHelp } from '../../cmd/commands.ts';
import { cloudFlags } from '../../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { loadCommand } from '../../lib/cli/define-command.ts';
import { commonFlags, recordFlag } from '../../lib/cli/verb-flags.ts';
import type { Reference } from './reference-markdown.ts';

export const readReference = async (): Promise<Reference> => ({
  program: 'kubectl zeroloss',
  help: programHelp('kubectl zeroloss'),
  common: { ...connectionFlags, ...cloudFlags, ...recordFlag, ...commonFlags },
  commands: await Promise.all(
    commands.map(async (entry) => ({ heading: entry.heading, command: await loadCommand(entry) })),
  ),
});
