/** One act in front of live clients: what every rehearsal is, the demo's and the experiments'. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RehearsalCluster } from '../start/start-cluster.ts';

export interface Step {
  command: string;
  seconds: number;
}

export interface Stage {
  cluster: RehearsalCluster;
  signal: AbortSignal;
  /** Runs one step and keeps its time. */
  step(command: string, run: () => Promise<void>): Promise<void>;
}

export interface Act<Clients> {
  /** Names the act in the lines of progress. */
  name: string;
  /** Starts what is watched; it is stopped whatever happens. */
  clients(): Promise<Clients & { stop(): Promise<unknown> }>;
  run(stage: Stage): Promise<void>;
  /** One line of what the clients have seen so far. */
  describe(clients: Clients): string;
  /** How long the clients run alone before the act, and after it, ms. */
  leadMs: number;
  tailMs: number;
}

export interface Played<Clients> {
  clients: Clients;
  steps: Step[];
  /** Of the act alone. */
  seconds: number;
  startedAtMs: number;
}

/** Plays the act in a cluster that stands and is whole; `conclude` sees the clients before they are stopped for good, while the cluster still stands. */
export async function play<Clients, Result>(
  act: Act<Clients>,
  cluster: RehearsalCluster,
  progress: (line: string) => void,
  signal: AbortSignal,
  conclude: (played: Played<Clients>) => Promise<Result>,
): Promise<Result> {
  const clients = await act.clients();
  const steps: Step[] = [];
  const ticker = setInterval(() => progress(`${act.name}: ${act.describe(clients)}`), 1000);
  try {
    await sleep(act.leadMs, undefined, { signal });
    const startedAtMs = Date.now();
    await act.run({ cluster, signal, step: (command, run) => timed(command, run, steps, progress, act.name) });
    const seconds = (Date.now() - startedAtMs) / 1000;
    await sleep(act.tailMs, undefined, { signal });
    return await conclude({ clients, steps, seconds, startedAtMs });
  } finally {
    clearInterval(ticker);
    await clients.stop();
  }
}

async function timed(
  command: string,
  run: () => Promise<void>,
  steps: Step[],
  progress: (line: string) => void,
  name: string,
): Promise<void> {
  const startedAtMs = Date.now();
  progress(`${name}: $ ${command}`);
  await run();
  steps.push({ command, seconds: round((Date.now() - startedAtMs) / 1000) });
}

/** To one decimal. */
export const round = (value: number): number => Math.round(value * 10) / 10;
