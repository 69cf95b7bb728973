/** The report of the demo, as data; `sandbox demo -o json` prints exactly this. */

import type { Step } from '../rehearsal/stage.ts';

export type StrategyName = 'rolling-update' | 'plain-delete' | 'zeroloss';

export interface StrategyReport {
  name: StrategyName;
  connections: number;
  lost: number;
  /** Cause, in words, to number of lost connections. */
  lostByCause: Record<string, number>;
  streams: number;
  streamsLost: number;
  longestSurvivedStreamSeconds: number;
  podsReplaced: number;
  seconds: number;
  steps: Step[];
  /** The first lost connections, each with pod, time and cause. */
  examples: { at: string; kind: string; pod: string; cause: string }[];
}

export interface DemoReport {
  strategies: StrategyReport[];
}
