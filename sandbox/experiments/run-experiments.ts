/** `sandbox experiment`: what the articles tried, tried again, with the same act done by our commands beside each loss. */
import { ExitCode, UsageError } from '../../lib/core/errors.ts';
import type { Environment, Streams } from '../../lib/output/streams.ts';
import { orInterrupted } from '../rehearsal/interrupted.ts';
import { progressOn } from '../rehearsal/progress.ts';
import { startCluster } from '../start/start-cluster.ts';
import { isOnPath } from './clients/judge.ts';
import type { Experiment, ExperimentReport, Row, Scene } from './experiment.ts';
import { playScene } from './play-scene.ts';
import { renderReports } from './render-experiments.ts';
import { clientRetry } from './scenes/client-retry.ts';
import { cutOff } from './scenes/cut-off.ts';
import { endpointLag } from './scenes/endpoint-lag.ts';
import { ingressRetry } from './scenes/ingress-retry.ts';
import { longConnections } from './scenes/long-connections.ts';
import { preStop } from './scenes/pre-stop-hook.ts';
import { rolloutArithmetic } from './scenes/rollout-arithmetic.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  ingressRetry,
  rolloutArithmetic,
  preStop,
  endpointLag,
  clientRetry,
  longConnections,
  cutOff,
];

export interface ExperimentOptions {
  /** One of EXPERIMENTS by name, or `all`. */
  name: string;
  json: boolean;
  /** How the plugin itself is started, for the rows that use its verbs. */
  command: readonly string[];
  streams: Streams;
  signal: AbortSignal;
  env: Environment;
}

/** Resolves with 0 when every row shows what it must, else with 1. Throws UsageError on a name that is none. */
export async function sandboxExperiment(options: ExperimentOptions): Promise<number> {
  const { name, streams, json } = options;
  const chosen = EXPERIMENTS.filter((each) => name === 'all' || each.name === name);
  if (chosen.length === 0) {
    const names = EXPERIMENTS.map((each) => each.name).join(', ');
    throw new UsageError(`there is no experiment "${name}"`, `NAME is one of ${names}, or all`);
  }
  const experiments: ExperimentReport[] = [];
  await orInterrupted(options.signal, async () => {
    for (const experiment of chosen) experiments.push(await runExperiment(experiment, options));
  });
  streams.stdout.write(json ? `${JSON.stringify({ experiments }, null, 2)}\n` : await renderReports(experiments));
  const held = experiments.every(({ rows }) => rows.every((row) => row.holds));
  return held ? ExitCode.done : ExitCode.error;
}

/** The scenes that can be played, and those whose judge is not on PATH, each with the program that it wants. */
export async function playable(
  scenes: readonly Scene[],
  path: string,
): Promise<{ played: Scene[]; leftOut: string[] }> {
  const wanted = await Promise.all(
    scenes.map(async ({ clients }) =>
      clients.kind === 'judge' && !(await isOnPath(clients.program, path)) ? clients.program : undefined,
    ),
  );
  return {
    played: scenes.filter((_, index) => wanted[index] === undefined),
    leftOut: scenes.flatMap(({ what }, index) =>
      wanted[index] === undefined ? [] : [`${what}: ${wanted[index]} is not on PATH`],
    ),
  };
}

async function runExperiment(
  { name, about, scale, scenes }: Experiment,
  { command, env, streams, signal }: ExperimentOptions,
): Promise<ExperimentReport> {
  const startedAtMs = Date.now();
  const cluster = await startCluster();
  const rows: Row[] = [];
  const { played, leftOut } = await playable(scenes, env['PATH'] ?? '');
  const progress = progressOn(streams);
  try {
    for (const [index, scene] of played.entries()) {
      const tell = (line: string): void => progress(`${name}: ${line}`);
      rows.push(await playScene(scene, `web-${index}`, cluster, { command, env }, tell, signal));
    }
  } finally {
    progress('');
    await cluster.stop();
  }
  return { name, about, scale, seconds: (Date.now() - startedAtMs) / 1000, rows, leftOut };
}
