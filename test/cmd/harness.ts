/** Runs whole command lines in process, with what they print and what they ask of the flows caught. */
import { runCli } from '../../cmd/cli.ts';
import type { Host, WorldOptions } from '../../cmd/context.ts';
import type { Flows } from '../../cmd/flows.ts';
import type { Outcome } from '../../lib/core/outcome/outcome.ts';
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
  /** What every flow answers, or throws. */
  flow?: (world: World, intent: unknown) => Promise<Outcome> | Outcome;
  /** GET answers of the API server, by path. */
  getText?: (path: string) => Promise<string>;
  openWorld?: Host['openWorld'];
  /** The real ones, where they are to run. */
  flows?: Flows;
}

export const outcomeOf = (rest: Partial<Outcome> = {}): Outcome => ({
  verb: 'drain',
  target: { namespace: 'prod', name: 'nginx' },
  dryRun: 'none',
  exitCode: 0,
  changed: true,
  results: [{ object: 'service/nginx', action: 'drained', changed: true, note: 'ordinals 0,1 on TCP-80' }],
  refusals: [],
  next: ['wait-zero nginx'],
  ...rest,
});

/** One command line, as words. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { flow = () => outcomeOf(), getText = async () => '{}' } = options;
  const ran: Ran = { code: -1, stdout: '', stderr: '', calls: [], worlds: [] };
  const record = (name: string) => async (world: World, intent: unknown) => {
    ran.calls.push({ flow: name, intent });
    return flow(world, intent);
  };
  const append = (stream: 'stdout' | 'stderr') => (text: string) => {
    ran[stream] += text;
  };
  const flows: Flows = {
    drain: record('drain'),
    waitZero: record('waitZero'),
    recreate: record('recreate'),
    advance: record('advance'),
    restore: record('restore'),
    check: record('check'),
    status: record('status'),
    surge: record('surge'),
    verify: record('verify'),
    rollback: record('rollback'),
    history: record('history'),
    plan: record('plan'),
    upgrade: record('upgrade'),
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
    flows: options.flows ?? flows,
    openWorld:
      options.openWorld ??
      (async (world) => {
        ran.worlds.push(world);
        const kube = { namespace: world.connection.namespace ?? 'default', getText };
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
