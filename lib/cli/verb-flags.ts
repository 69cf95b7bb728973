/** Flags that several commands share, with kubectl's names and help where kubectl has them. */

import { UsageError } from '../core/errors.ts';
import { STABLE_FOR } from '../core/intent/care.ts';
import type { MinServing } from '../core/intent/intent.ts';
import type { DryRun } from '../core/outcome/outcome.ts';
import { parseMinServing } from '../core/safety/floor.ts';
import { takeTargetWords } from '../core/target/target.ts';
import type { Flags } from './arguments.ts';
import {
  choiceFlag,
  durationFlag,
  type Flag,
  listCompleter,
  listFlag,
  scalarFlag,
  switchFlag,
  textFlag,
  wholeFlag,
} from './flag.ts';

/** For every command: diagnostics and colour. */
export const commonFlags = {
  v: wholeFlag({
    short: 'v',
    shown: '0',
    help: 'Number for the log level verbosity: 6 shows each call, 7 its headers, 8 its body. Secrets are masked.',
    least: 0,
    absent: 0,
    common: true,
  }),
  color: choiceFlag({
    shown: 'auto',
    help: 'When to use colours: auto (on a terminal, unless NO_COLOR is set), always or never.',
    values: ['auto', 'always', 'never'],
    absent: 'auto',
    common: true,
  }),
} satisfies Flags;

/** For every command that works on a target. */
export const recordFlag = {
  record: textFlag({
    help: 'Append a JSON-lines recording of the run (output, readings, writes, result) to this file, for "history --from"; with - to stdout in place of the result. Secrets are masked.',
    common: true,
  }),
} satisfies Flags;

const PRINTED = ['json', 'yaml', 'name', 'wide'] as const;
export type PrintedFormat = (typeof PRINTED)[number];

/** kubectl's words for a format it cannot print. */
const cannotPrint = (accepted: readonly string[]) => (text: string) =>
  `unable to match a printer suitable for the output format ${JSON.stringify(text)}, allowed formats are: ${accepted.join(',')}`;

export const outputFlag: Flag<PrintedFormat | undefined> = choiceFlag({
  short: 'o',
  shown: "''",
  help: `Output format. One of: (${PRINTED.join(', ')}).`,
  values: PRINTED,
  absent: undefined,
  refuse: cannotPrint(PRINTED),
});

export const structuredOutputFlag: Flag<'json' | 'yaml' | undefined> = choiceFlag({
  short: 'o',
  shown: "''",
  help: "One of 'yaml' or 'json'.",
  values: ['json', 'yaml'],
  absent: undefined,
  refuse: cannotPrint(['json', 'yaml']),
});

export const jsonOutputFlag: Flag<'json' | undefined> = choiceFlag({
  short: 'o',
  shown: "''",
  help: "Print the result as data: 'json'.",
  values: ['json'],
  absent: undefined,
  refuse: cannotPrint(['json']),
});

/** `bare`: written without a value, which kubectl takes for `client` with a deprecation warning. */
export interface DryRunChoice {
  mode: DryRun;
  bare: boolean;
}

const BARE_DRY_RUN = 'unchanged';

export const dryRunFlag: Flag<DryRunChoice> = scalarFlag<DryRunChoice>({
  shown: "'none'",
  help:
    'Must be "none", "server", or "client". If client strategy, only print what would be written, without sending it. ' +
    'If server strategy, submit server-side requests without persisting the resources.',
  bare: BARE_DRY_RUN,
  values: ['none', 'client', 'server'],
  absent: { mode: 'none', bare: false },
  parse(text) {
    if (text === BARE_DRY_RUN) return { mode: 'client', bare: true };
    if (text === 'none' || text === 'client' || text === 'server') return { mode: text, bare: false };
    throw new UsageError(`Invalid dry-run value (${text}). Must be "none", "server", or "client".`);
  },
});

export const serviceFlag: Flag<readonly string[] | undefined> = listFlag({
  complete: listCompleter((offers) => offers.services()),
  help: 'Only these Services, separated by commas. By default every LoadBalancer Service with direct access whose selector matches the pods.',
});

export const minServingFlag: Flag<MinServing | undefined> = scalarFlag<MinServing | undefined>({
  shown: "'50%'",
  help: 'Minimum number of backends, or share of the replicas (50%), that must keep serving on each listener. By default half, or more if a PodDisruptionBudget asks for more.',
  absent: undefined,
  parse: parseMinServing,
});

/** `sources`: the names that exist. */
export function sourceFlag(sources: readonly string[]): Flag<readonly string[] | undefined> {
  const flag = listFlag({
    help: `Where connection counts come from, separated by commas: ${sources.join(', ')}. By default every available source.`,
    complete: listCompleter(async () => sources.map((value) => ({ value }))),
  });
  return {
    ...flag,
    read(texts, name) {
      const chosen = flag.read(texts, name);
      const unknown = chosen?.find((source) => !sources.includes(source));
      if (unknown === undefined) return chosen;
      throw new UsageError(`unknown source ${JSON.stringify(unknown)}`, `sources: ${sources.join(', ')}`);
    },
  };
}

/** A name as containers give it to a port (RFC 6335), or its number. */
const PORT = /^(?:[a-z0-9](?:[a-z0-9-]{0,13}[a-z0-9])?|\d{1,5})$/;

const portsFlag = listFlag({
  complete: listCompleter((offers, words) => offers.ports(takeTargetWords(words).target)),
  help: 'Ports of the pods, by name or number, separated by commas, whose clients inside the cluster are not waited for. No weight stops those clients; deleting the pod cuts them.',
});

/** Ports are named one by one: nothing stands for all of them. */
export const ignorePortFlag: Flag<readonly string[] | undefined> = {
  ...portsFlag,
  read(texts, name) {
    const ports = portsFlag.read(texts, name);
    const wrong = ports?.find((port) => !PORT.test(port) || Number(port) > 65_535 || Number(port) === 0);
    if (wrong === undefined) return ports;
    throw new UsageError(
      `--${name} ${JSON.stringify(wrong)} is no port`,
      'the name that a container gives it, or its number: --ignore-port metrics,9090',
    );
  },
};

/** The meaning of zero. */
export const zeroFlags = {
  stableFor: durationFlag({
    help: 'How long every source must read zero without a gap before it counts.',
    absent: STABLE_FOR,
  }),
  maxConnections: wholeFlag({
    shown: '0',
    help: 'Connections per backend that still count as zero: a constant number that you have measured, such as health checks.',
    least: 0,
    absent: 0,
  }),
  ignorePort: ignorePortFlag,
} satisfies Flags;

export const noHeadersFlag: Flag<boolean> = switchFlag({
  help: 'When using the default or wide output format, do not print headers (default print headers).',
});

const GOES_ON = 'Run the command again to continue where it stopped.';

/** `--timeout`, in the words of kubectl drain; `help` where it is not the limit of the whole command. */
export const timeoutFlag = (
  absent: string,
  help = `The length of time to wait before giving up, zero means infinite. ${GOES_ON}`,
): Flag<number> => durationFlag({ help, absent });

/** `--timeout` of the command that is made of the others. */
export const stepTimeoutFlag = timeoutFlag(
  '30m',
  `How long each single step may take, zero means infinite; the whole upgrade has no limit. ${GOES_ON}`,
);

/** `--timeout` of the commands that wait for nothing else. */
export const seenFlag = timeoutFlag(
  '1m',
  'How long to wait for the controller to see the newest template, and for servers that do not answer; zero means infinite.',
);

/** `--timeout` of the commands that only look. */
export const lookFlag = timeoutFlag('5m', 'How long the whole command may take, zero means infinite.');

/** `kinds`: those that the verb looks at. */
export const selectorFlag = (kinds: string): Flag<string | undefined> =>
  textFlag({ short: 'l', help: `Instead of names: every ${kinds} with these labels (app=web,tier!=cache).` });

export const allNamespacesFlag = (kinds: string): Flag<boolean> =>
  switchFlag({
    short: 'A',
    help: `Instead of names: every ${kinds} of all namespaces that a Service of type LoadBalancer selects; with -l every one with these labels.`,
  });

/** `--context` of the verbs that look at several targets. */
export const contextsFlag: Flag<string | undefined> = textFlag({
  complete: listCompleter((offers) => offers.contexts()),
  help: 'The name of the kubeconfig context to use, or several, separated by commas: each target is looked at in each of them.',
});

export const ignoreIngressFlag: Flag<boolean> = switchFlag({
  help: 'Drain even if an Ingress leads to the pods. The Ingress keeps sending to them, by its own weights.',
});

export const allowAloneFlag: Flag<readonly string[] | undefined> = listFlag({
  complete: listCompleter((offers) => offers.services()),
  help: 'Services, separated by commas, whose only pod may be drained. Their clients have nowhere to go until that pod is back.',
});

/** For the verbs that hold the lease of a StatefulSet. */
export const takeOverFlag: Flag<boolean> = switchFlag({
  help: 'Take over a lease whose holder has stopped renewing it.',
});

/** For steps of a script: see notDone. */
export const skipDoneFlag = switchFlag({
  help: 'Skip pods that are updated and serving, or that the StatefulSet no longer has, and end with 0 for them. Steps of plan -o sh use it, so that the script may be run again.',
});

/** For the verbs that empty a node. */
export const nodeFlag: Flag<readonly string[] | undefined> = listFlag({
  complete: listCompleter((offers) => offers.nodes()),
  help: 'Nodes to be emptied, separated by commas: the pods of the StatefulSet on them count as outdated, whatever their revision. Refuses unless each node is cordoned and no volume of those pods is bound to it.',
});
