import { switchFlag } from '../../lib/cli/flag.ts';
import { targetsPositional } from '../../lib/cli/positionals.ts';
import {
  allNamespacesFlag,
  contextsFlag,
  noHeadersFlag,
  outputFlag,
  selectorFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { TargetIntent } from '../../lib/core/intent/intent.ts';
import type { StatusDetails, StatusOfMany } from '../../lib/core/status/status-view.ts';
import type { Target } from '../../lib/core/target/target.ts';
import type { StatusOfIntent } from '../../lib/flows/verbs/status-of.ts';
import type { OutcomePrinter } from '../../lib/output/results/outcome-printer.ts';
import { statusPrinter } from '../../lib/output/status/status-printer.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { exitCodes, targetFlags } from '../flags/target-flags.ts';
import { refuseUnclear, severalIntent } from '../flags/targets.ts';
import type { Watching } from '../show/watch-status.ts';

const namesOf = (targets: readonly Target[] | undefined): string[] => (targets ?? []).map(({ name }) => name);

export const status = defineVerb({
  readsOnly: true,
  showsWhere: true,
  description: [
    'Prints one row per pod and writes nothing. WEIGHT is what the Service asks for, CLB what the load balancer shows, CONNECTIONS the latest count, REVISION whether the pod runs the update revision, GATES how many readiness gates have passed. <unknown> means that the value could not be read; it never means zero.',
    'A note shows whether another operator runs a verb on the StatefulSet, and since when.',
    'On a terminal a table fits: long names lose their middle, and the columns that are needed least are left out. -o wide shows everything; through a pipe nothing is cut.',
  ],
  examples: [
    { comment: 'Show the pods of StatefulSet nginx', command: 'status nginx' },
    { comment: 'Show pod addresses, UIDs and listeners too', command: 'status nginx -o wide' },
    { comment: 'Print the same as data', command: 'status nginx -o json' },
    { comment: 'Ask the cluster only', command: 'status nginx --no-cloud' },
    { comment: 'Keep watching', command: 'status nginx -w' },
    { comment: 'Show several StatefulSets', command: 'status nginx web' },
    { comment: 'Show every StatefulSet with a label', command: 'status -l tier=gateway' },
    {
      comment: 'Show every StatefulSet behind a load balancer, in two clusters',
      command: 'status -A --context north,south',
    },
  ],
  positionals: { targets: targetsPositional },
  flags: {
    watch: switchFlag({
      short: 'w',
      help: 'Keep watching until Ctrl-C (exit code 130): redraws the table on a terminal, prints one line per change through a pipe, and one document per line with -o json.',
    }),
    selector: selectorFlag('StatefulSet'),
    allNamespaces: allNamespacesFlag('StatefulSet'),
    output: outputFlag,
    noHeaders: noHeadersFlag,
    noCloud: switchFlag({
      help: 'Ask the cluster only: quicker, and needs no cloud key. The weights at the load balancer are then <unknown>.',
    }),
    allConnections: switchFlag({
      help: 'Count the connections of every pod. By default only 300 backends are counted (drained pods first, then updated ones), because one Cloud Monitor call covers ten.',
    }),
    timeout: timeoutFlag(
      '5m',
      'How long a look at each target may take, zero means infinite; -w has no limit of its own.',
    ),
    ...targetFlags,
    context: contextsFlag,
  },
  exitCodes: { ...exitCodes.notYet, ...exitCodes.interrupted },
  checks: [
    (flags, args) => args && refuseUnclear('status', namesOf(args.targets), flags),
    ({ watch, output }) => {
      if (watch && output === 'name')
        throw new UsageError('-w cannot be combined with -o name', 'use -o json, yaml or wide');
    },
  ],
  intent({ positionals: { targets }, flags }): StatusOfIntent & TargetIntent {
    const names = namesOf(targets);
    return {
      ...severalIntent(names, flags, { watches: flags.watch }),
      names,
      ...given({
        cloud: flags.noCloud ? false : undefined,
        allConnections: flags.allConnections || undefined,
      }),
    };
  },
  several: true,
  async flow(world, intent, { context, flags }) {
    const { statusOf } = await import('../../lib/flows/verbs/status-of.ts');
    if (!flags.watch) return statusOf(world, intent);
    const { watchToTheEnd } = await import('../show/watch-status.ts');
    // Another format than these has been refused above.
    const { withinLimit } = await import('../../lib/flows/guard/time-limit.ts');
    const look = (again: typeof world) => withinLimit(again, flags.timeout, (inner) => statusOf(inner, intent));
    const watching = { format: flags.output as Watching['format'], headers: flags.noHeaders !== true };
    return watchToTheEnd(context, world, look, watching);
  },
  printer: ({ flags }) => (flags.watch ? NOTHING_LEFT : statusPrinter),
});

/** A look that goes on has shown everything by itself. */
const NOTHING_LEFT: OutcomePrinter<StatusDetails | StatusOfMany> = { text: () => '' };
