/** `sandbox demo`: the same image change under the same traffic, three ways. */
import type { Environment, Streams } from '../../lib/output/streams.ts';
import { orInterrupted } from '../rehearsal/interrupted.ts';
import { progressOn } from '../rehearsal/progress.ts';
import type { DemoReport } from './demo-types.ts';
import { rehearseStrategy } from './rehearse-strategy.ts';
import { renderDemo } from './render-demo.ts';
import { plainDelete, rollingUpdate, zeroloss } from './strategies.ts';

export interface DemoOptions {
  /** Pods upgraded together by the verbs; one by default. */
  batch?: number;
  json: boolean;
  /** How the plugin itself is started, for the strategy that uses its verbs. */
  command: readonly string[];
  streams: Streams;
  signal: AbortSignal;
  env: Environment;
}

/** Resolves with 0 when the verbs lost nothing and replaced every pod, else with 1. */
export async function sandboxDemo(options: DemoOptions): Promise<number> {
  const { streams, signal } = options;
  const progress = progressOn(options.streams);
  const strategies = [
    rollingUpdate,
    plainDelete,
    zeroloss(options.batch ?? 1, { command: options.command, env: options.env }),
  ];
  const report: DemoReport = { strategies: [] };
  await orInterrupted(signal, async () => {
    for (const strategy of strategies) report.strategies.push(await rehearseStrategy(strategy, progress, signal));
  });
  progress('');
  streams.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : await renderDemo(report));
  const ours = report.strategies.find((each) => each.name === 'zeroloss');
  return ours?.lost === 0 && ours.podsReplaced === 10 ? 0 : 1;
}
