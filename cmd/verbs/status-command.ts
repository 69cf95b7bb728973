import { cloudFlags } from '../../lib/cli/cloud-flags.ts';
import { connectionFlags } from '../../lib/cli/connection-flags.ts';
import { defineCommand } from '../../lib/cli/define-command.ts';
import { switchFlag } from '../../lib/cli/flag.ts';
import { targetsPositional } from '../../lib/cli/positionals.ts';
import {
  commonFlags,
  noHeadersFlag,
  outputFlag,
  recordFlag,
  selectorFlag,
  serviceFlag,
} from '../../lib/cli/verb-flags.ts';
import { ExitCode, UsageError } from '../../lib/core/errors.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import type { World } from '../../lib/ports.ts';
import type { Context } from '../context.ts';
import { given } from '../flags/given.ts';
import { refuseUnclear } from '../flags/targets.ts';
import { renderStatus, type StatusLook } from '../show/status-output.ts';
import type { Watching } from '../show/watch-status.ts';
import { summaries } from '../summaries.ts';
import { exitCodes, runVerb, targetIntent } from '../verb.ts';

export const status = defineCommand({
  name: 'status',
  summary: summaries.status,
  description: [
    'One row per pod; nothing is written. WEIGHT is what the Service asks for, CLB what the load balancer shows, CONNECTIONS the latest count, REVISION whether the pod runs the update revision, GATES how many readiness gates have passed. <unknown> means that it could not be read, never zero.',
  ],
  examples: [
    { comment: 'Show the pods of StatefulSet nginx', command: 'status nginx' },
    { comment: 'Show pod addresses, UIDs and listeners too', command: 'status nginx -o wide' },
    { comment: 'Print the same as data', command: 'status nginx -o json' },
    { comment: 'Ask the cluster alone', command: 'status nginx --no-cloud' },
    { comment: 'Go on looking', command: 'status nginx -w' },
    { comment: 'Show several StatefulSets', command: 'status nginx web' },
    { comment: 'Show all that have a label', command: 'status -l tier=gateway' },
  ],
  positionals: { targets: targetsPositional },
  flags: {
    watch: switchFlag({
      short: 'w',
      help: 'Go on looking: on a terminal the table is drawn in place, through a pipe every change is a line, with -o json a document a line.',
    }),
    selector: selectorFlag,
    service: serviceFlag,
    output: outputFlag,
    noHeaders: noHeadersFlag,
    noCloud: switchFlag({
      help: 'Ask the cluster alone, which is quicker and needs no key: what the load balancer shows is <unknown> then.',
    }),
    allConnections: switchFlag({
      help: 'Ask for the connections of every pod. By default those of 300 backends are, drained pods first, then updated ones: a call to Cloud Monitor tells of ten.',
    }),
    ...connectionFlags,
    ...cloudFlags,
    ...recordFlag,
    ...commonFlags,
  },
  exitCodes: exitCodes.interrupted,
  run(context: Context, { positionals: { targets }, flags }) {
    const { output, selector, watch } = flags;
    const names = (targets ?? []).map(({ name }) => name);
    refuseUnclear('status', names, selector);
    if (watch && output === 'name')
      throw new UsageError('-w cannot be combined with -o name', 'use -o json, yaml or wide');
    const { name, ...rest } = targetIntent(names.join(',') || `-l ${selector}`, flags);
    const intent = {
      ...rest,
      names,
      ...given({
        selector,
        cloud: flags.noCloud ? false : undefined,
        allConnections: flags.allConnections || undefined,
      }),
    };
    const data = output === 'json' || output === 'yaml' ? output : undefined;
    const format = data === undefined ? output : undefined;
    const look = (world: World) => context.flows.status(world, intent);
    const headers = flags.noHeaders !== true;
    return runVerb(
      context,
      { ...rest, name },
      { ...flags, output: watch ? undefined : data },
      watch ? (world) => watchToTheEnd(context, world, look, { format: output as Watching['format'], headers }) : look,
      (outcome) => (watch ? '' : renderStatus(outcome, { format: format as StatusLook['format'], headers })),
    );
  },
});

/** What is left to print when nobody reads any more: nothing. */
async function watchToTheEnd(
  context: Context,
  world: World,
  look: (world: World) => Promise<Outcome>,
  watching: Watching,
): Promise<Outcome> {
  const [{ watchStatus }, { paced }] = await Promise.all([
    import('../show/watch-status.ts'),
    import('../../lib/sources/paced.ts'),
  ]);
  const sources = world.sources.map((source) => paced(source, world.clock));
  await watchStatus(context, { ...world, sources }, look, watching);
  const target = { namespace: world.kube.namespace, name: '' };
  const nothing = { results: [], refusals: [], next: [] };
  return { verb: 'status', target, dryRun: 'none', exitCode: ExitCode.done, changed: false, ...nothing };
}
