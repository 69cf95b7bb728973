/** Runs whole command lines in process, with what they print and what they ask of the flows caught. */

import { runCli } from '../../cmd/cli.ts';
import type { Flow, Host, WorldOptions } from '../../cmd/context.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
import { own } from '../../lib/core/values/command.ts';
import type { Environment } from '../../lib/output/streams.ts';
import type { World } from '../../lib/ports.ts';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** Every flow that was called, with its intent. */
  calls: { flow: string; intent: unknown }[];
  /** How each world was to be opened. */
  worlds: WorldOptions[];
}

export interface RunOptions {
  env?: Environment;
  program?: string;
  signal?: AbortSignal;
  stderrIsTTY?: boolean;
  /** The answer of every flow, or the error that it throws. */
  flow?: (world: World, intent: unknown) => Promise<Outcome> | Outcome;
  /** Those of the StatefulSet. */
  annotations?: Readonly<Record<string, string>>;
  /** GET answers of the API server, by path. */
  getText?: (path: string) => Promise<string>;
  openWorld?: Host['openWorld'];
  /** The verbs' own flows run, on the world of `openWorld`. */
  real?: true;
}

export const outcomeOf = (rest: Partial<Outcome> = {}): Outcome => ({
  verb: 'drain',
  target: { namespace: 'prod', name: 'nginx' },
  dryRun: 'none',
  exitCode: 0,
  changed: true,
  results: [{ object: 'service/nginx', action: 'drained', changed: true, note: 'ordinals 0,1 on TCP-80' }],
  refusals: [],
  next: [own('wait-zero', 'nginx')],
  ...rest,
});

/** The least that a verb which prints its details can print. */
const EMPTY_DETAILS: Readonly<Record<string, unknown>> = {
  check: { findings: [], counts: { OK: 0, WARN: 0, FAIL: 0 } },
  status: { rows: [], services: [], inside: [], drainSet: [], surge: null, paused: null, notes: [] },
  plan: { version: 1, target: { namespace: 'prod', name: 'nginx' }, images: {}, batches: [], surplus: [], steps: [] },
  history: { entries: [], now: null, notes: [] },
};

const answerOf = (verb: string): Outcome =>
  outcomeOf(verb in EMPTY_DETAILS ? { verb, details: EMPTY_DETAILS[verb] } : {});

/** An API server with one StatefulSet of any name. */
export const kubeWith = (annotations: Readonly<Record<string, string>> = {}, namespace = 'default') => ({
  namespace,
  get: async (_resource: unknown, name: string) => ({ metadata: { name, annotations }, spec: { replicas: 4 } }),
});

/** One command line, as words. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { flow, getText = async () => '{}' } = options;
  const ran: Ran = { code: -1, stdout: '', stderr: '', calls: [], worlds: [] };
  const recordFlow =
    <I, D>(name: string): Flow<I, D> =>
    async (world, intent) => {
      ran.calls.push({ flow: name, intent });
      // A test answers with what its verb prints.
      return (flow === undefined ? answerOf(name) : await flow(world, intent)) as Outcome<D>;
    };
  const append = (stream: 'stdout' | 'stderr') => (text: string) => {
    ran[stream] += text;
  };
  ran.code = await runCli({
    argv,
    program: options.program ?? 'kubectl zeroloss',
    env: options.env ?? {},
    streams: {
      stdout: { write: append('stdout') },
      stderr: { write: append('stderr'), isTTY: options.stderrIsTTY ?? false },
    },
    signal: options.signal ?? new AbortController().signal,
    platform: 'linux/amd64',
    selfCommand: ['kubectl-zeroloss'],
    ...(options.real ? {} : { watchFlow: recordFlow }),
    openWorld:
      options.openWorld ??
      (async (world) => {
        ran.worlds.push(world);
        const kube = { ...kubeWith(options.annotations, world.connection.namespace), getText };
        // Flows are recorded, not run: of the world they are given only these parts are ever touched here.
        return {
          world: { kube, report: world.report, signal: world.signal } as unknown as World,
          close: async () => {},
        };
      }),
  });
  return ran;
}

/** The same, from one line: words are divided at spaces, '' stands for an empty word. */
export const runLine = (line: string, options?: RunOptions): Promise<Ran> =>
  run(
    line
      .split(' ')
      .filter((word) => word !== '')
      .map((word) => word.replaceAll("''", '')),
    options,
  );
