import { cloudFlags } from '../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../lib/cli/connection-flags.ts';
import { defineCommand } from '../lib/cli/define.ts';
import { commonFlags, noHeadersFlag, outputFlag, serviceFlag } from '../lib/cli/flags.ts';
import type { StatusIntent } from '../lib/core/intent.ts';
import type { Context } from './context.ts';
import { exitCodes, runVerb, targetIntent, targetPositionals } from './verb.ts';

export const status = defineCommand({
  name: 'status',
  summary: 'Show weights, connections and revisions of the pods of a StatefulSet',
  description: [
    'One row per pod. WEIGHT is what the Service asks for, CLB what the load balancer shows, CONNECTIONS the latest count, REVISION whether the pod runs the update revision, GATES how many readiness gates have passed. <unknown> means that it could not be read, never zero.',
  ],
  examples: [
    { comment: 'Show the pods of StatefulSet nginx', command: 'status nginx' },
    { comment: 'Show pod addresses, UIDs and listeners too', command: 'status nginx -o wide' },
    { comment: 'Print the same as data', command: 'status nginx -o json' },
  ],
  positionals: targetPositionals,
  flags: {
    service: serviceFlag,
    output: outputFlag,
    noHeaders: noHeadersFlag,
    ...connectionFlags,
    ...cloudFlags,
    ...commonFlags,
  },
  exitCodes: exitCodes.interrupted,
  run(context: Context, { positionals: { target }, flags }) {
    const intent: StatusIntent = targetIntent(target.name, flags);
    return runVerb(context, intent, flags, (world) => context.flows.status(world, intent));
  },
});
