import { defineCommand } from '../../lib/cli/define-command.ts';
import { wholeFlag } from '../../lib/cli/flag.ts';
import { commonFlags, jsonOutputFlag } from '../../lib/cli/verb-flags.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';

export const sandboxDemo = defineCommand({
  description: [
    'Runs the same image change under the same traffic as a RollingUpdate, with plain deletes, and with the commands of this plugin, each in a rehearsal cluster of its own, and prints one table. It takes about three minutes.',
  ],
  examples: [
    { comment: 'Pod by pod', command: 'sandbox demo' },
    { comment: 'Four pods at a time', command: 'sandbox demo --batch 4' },
    { comment: 'Print the table as data', command: 'sandbox demo -o json' },
  ],
  positionals: {},
  flags: {
    batch: wholeFlag({
      shown: "''",
      help: 'How many pods to upgrade together. By default one.',
      least: 1,
      absent: undefined,
    }),
    output: jsonOutputFlag,
    ...commonFlags,
  },
  async run({ streams, signal, env, selfCommand }: Context, { flags }) {
    const { sandboxDemo: run } = await import('../../sandbox/demo/sandbox-demo.ts');
    return run({
      ...given({ batch: flags.batch }),
      json: flags.output === 'json',
      command: [...selfCommand],
      streams,
      signal,
      env,
    });
  },
});
