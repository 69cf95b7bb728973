import { defineCommand } from '../../lib/cli/define-command.ts';
import { durationFlag, switchFlag, textFlag, wholeFlag } from '../../lib/cli/flag.ts';
import { commonFlags } from '../../lib/cli/verb-flags.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';

export const sandboxUp = defineCommand({
  description: [
    'Runs an API server, the controllers, kubelets with real TCP servers as pods, and a load balancer with its cloud API, all on loopback, in the foreground. It prints the variables that point kubectl and this plugin at it, and stops on Ctrl-C.',
  ],
  examples: [
    { comment: 'Start it with the sample StatefulSet nginx and its Service', command: 'sandbox up' },
    {
      comment: 'Start it in the background of a script, and use it once the file exists',
      command: 'sandbox up --env-file sandbox.env &',
    },
    { comment: 'Start it with clients whose losses are printed', command: 'sandbox up --traffic' },
    { comment: 'Start it with your own manifest', command: 'sandbox up -f gateway.yaml' },
    { comment: 'Start it with four nodes, so that one can be lost', command: 'sandbox up --nodes 4' },
    {
      comment: 'Start it as a serverless cluster, where no Service needs the annotation',
      command: 'sandbox up --serverless',
    },
  ],
  positionals: {},
  flags: {
    replicas: wholeFlag({
      shown: "''",
      help: 'Replicas of the StatefulSet, instead of the number in the manifest.',
      least: 1,
      absent: undefined,
    }),
    filename: textFlag({ short: 'f', help: 'The manifest to apply, instead of the sample.' }),
    envFile: textFlag({
      help: 'Also write the variables to this file, as lines "export NAME=VALUE", once everything is ready.',
    }),
    nodes: wholeFlag({
      shown: '1',
      help: 'Spread the pods over this many nodes, of which one can be lost.',
      least: 1,
      absent: 1,
    }),
    endpointLag: durationFlag({
      absent: '0s',
      help: 'Delay changes of Endpoints by this long, as a busy control plane does.',
    }),
    traffic: wholeFlag({
      shown: "''",
      bare: '20',
      help: 'Send traffic to every load balancer from the start: this many new short connections a second (20 when no number is given), with keep-alive clients and long streams beside them. A line on standard error shows what they see.',
      least: 1,
      absent: undefined,
    }),
    serverless: switchFlag({
      help: 'Act as a serverless cluster: load balancers bind the pods of every Service directly, without the direct-access annotation.',
    }),
    ...commonFlags,
  },
  exitCodes: { 130: 'stopped with Ctrl-C before it was ready (143: terminated)' },
  async run({ streams, signal, env }: Context, { flags }) {
    const { sandboxUp: start } = await import('../../sandbox/start/sandbox-up.ts');
    return start({
      ...given({ replicas: flags.replicas, file: flags.filename, envFile: flags.envFile }),
      nodes: flags.nodes,
      serverless: flags.serverless,
      endpointLagMs: flags.endpointLag,
      ...given({ traffic: flags.traffic }),
      streams,
      signal,
      env,
    });
  },
});
