import type { Positional } from '../../lib/cli/arguments.ts';
import { completionScript, SHELLS } from '../../lib/cli/completion/completion-scripts.ts';
import { shortName } from '../../lib/cli/completion/short-name.ts';
import { defineCommand } from '../../lib/cli/define-command.ts';
import { textFlag } from '../../lib/cli/flag.ts';
import { commonFlags } from '../../lib/cli/verb-flags.ts';
import { ExitCode, UsageError } from '../../lib/core/errors.ts';
import { own } from '../../lib/core/values/command.ts';
import { unbroken } from '../../lib/output/prose.ts';
import type { Context } from '../context.ts';

const ACTIONS = ['install', ...SHELLS] as const;
type Action = (typeof ACTIONS)[number];

const ACCEPTED = `ACTION is one of ${ACTIONS.join(', ')}`;

const actionPositional: Positional<Action> = {
  required: true,
  description: ACCEPTED,
  complete: async () => ACTIONS.map((value) => ({ value })),
  take([word = '', ...rest]) {
    const value = ACTIONS.find((action) => action === word);
    if (value === undefined) throw new UsageError(`unknown action ${JSON.stringify(word)}`, ACCEPTED);
    return { value, rest };
  },
};

export const completion = defineCommand({
  description: [
    'kubectl completes plugins through a program called kubectl_complete-zeroloss on PATH. "install" writes it beside kubectl-zeroloss. The name of a shell prints a script for its start-up file, which loads the completion of kubectl. Needs kubectl 1.26 or newer.',
  ],
  examples: [
    { comment: 'Write kubectl_complete-zeroloss beside the plugin', command: 'completion install' },
    { comment: 'Write it to another folder on PATH', command: 'completion install --to /usr/local/bin' },
    { comment: 'Print the lines for ~/.bashrc', command: 'completion bash' },
  ],
  positionals: { action: actionPositional },
  flags: {
    to: textFlag({
      help: 'With install: the folder to write to, which must be on PATH. By default the folder of kubectl-zeroloss.',
    }),
    ...commonFlags,
  },
  checks: [
    ({ to }, args) => {
      if (to !== undefined && args !== undefined && args.action !== 'install')
        throw new UsageError('--to can only be used with install', own('completion', 'install', '--to', to));
    },
  ],
  async run({ env, platform, streams, report }: Context, { positionals: { action }, flags: { to } }) {
    if (action !== 'install') {
      streams.stdout.write(completionScript(action));
      return ExitCode.done;
    }
    const { installCompletion } = await import('../surroundings/completion-install.ts');
    const { file, changed } = await installCompletion({ env, platform, folder: to });
    streams.stdout.write(changed ? `${file} installed\n` : `${file} already installed\n`);
    report.prose(
      'It works in every shell in which "kubectl get <Tab>" works; otherwise: kubectl zeroloss completion SHELL\n',
    );
    const short = shortName(platform, env['SHELL']);
    report.prose(`A short name, to add to ${short.file}: ${unbroken(short.line)}\n`);
    return ExitCode.done;
  },
});
