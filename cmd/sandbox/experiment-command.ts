import type { Positional } from '../../lib/cli/arguments.ts';
import { defineCommand } from '../../lib/cli/define-command.ts';
import { commonFlags, jsonOutputFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { EXPERIMENT_NAMES } from '../../sandbox/experiments/experiment-names.ts';
import type { Context } from '../context.ts';

const NAMES = [...EXPERIMENT_NAMES, 'all'] as const;
type Name = (typeof NAMES)[number];

const ACCEPTED = `NAME is one of ${NAMES.join(', ')}`;

const namePositional: Positional<Name> = {
  required: true,
  description: ACCEPTED,
  complete: async () => NAMES.map((value) => ({ value })),
  take([word = '', ...rest]) {
    const value = NAMES.find((name) => name === word);
    if (value === undefined) throw new UsageError(`there is no experiment ${JSON.stringify(word)}`, ACCEPTED);
    return { value, rest };
  },
};

export const sandboxExperiment = defineCommand({
  description: [
    'Runs in a rehearsal cluster, with clients that count what they lose: retries behind an ingress, surge and unavailability, preStop hooks, late Endpoints, client retries, long connections, and the causes of cut connections. Next to each loss it shows the same job done with the commands of this plugin.',
    'The exit code is 1 when a row does not show what it must. All experiments together take under ten minutes.',
  ],
  examples: [
    {
      comment: 'Show the requests that a scale-in loses behind a proxy that retries',
      command: 'sandbox experiment ingress-retry',
    },
    { comment: 'All of them, as data', command: 'sandbox experiment all -o json' },
  ],
  positionals: { name: namePositional },
  flags: { output: jsonOutputFlag, ...commonFlags },
  exitCodes: {
    1: 'a row does not show what it must, or something could not be done',
    130: 'interrupted (143: terminated)',
  },
  async run({ streams, signal, env, selfCommand }: Context, { positionals: { name }, flags }) {
    const { sandboxExperiment: run } = await import('../../sandbox/experiments/run-experiments.ts');
    return run({ name, json: flags.output === 'json', command: [...selfCommand], streams, signal, env });
  },
});
