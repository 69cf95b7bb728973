/** A process per core, each with one history at a time. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { ROOT } from './bundle.ts';
import type { Told } from './worker.ts';

/** A history takes a second, or a minute where many others work; one that takes this long hangs where no simulated clock sees it. */
const HANGS_MS = 900_000;

export interface Campaign {
  bundle: string;
  seeds: Iterable<number>;
  /** Runs that the shrinking of one failure may cost. */
  shrinks: number;
  /** Returns true to stop. */
  onTold(told: Told): boolean;
}

/** Resolves once every seed is through, or `onTold` has said stop. Rejects when a worker ends or a history throws. */
export async function runCampaign({ bundle, seeds, shrinks, onTold }: Campaign): Promise<void> {
  const rest = seeds[Symbol.iterator]();
  let isOver = false;
  const crew = Array.from({ length: availableParallelism() }, () =>
    fork(bundle, {
      env: { ...process.env, HISTORIES_ROOT: ROOT },
      execArgv: ['--enable-source-maps', '--max-semi-space-size=64'],
    }),
  );
  const work = (child: ChildProcess): Promise<void> =>
    new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const next = (): void => {
        clearTimeout(timer);
        const { value, done } = rest.next();
        if (done === true || isOver) {
          child.disconnect();
          resolve();
          return;
        }
        timer = setTimeout(() => reject(new Error(`seed ${value} hangs`)), HANGS_MS);
        child.send({ seed: value, shrinks });
      };
      child.on('message', (message: Told | 'ready' | { seed: number; broken: string }) => {
        if (message !== 'ready' && 'broken' in message) {
          reject(new Error(`seed ${message.seed}: ${message.broken}`));
          return;
        }
        if (message !== 'ready') isOver = onTold(message) || isOver;
        next();
      });
      child.on('exit', (code) => {
        clearTimeout(timer);
        if (code !== 0 && !isOver) reject(new Error(`a worker ended with ${code}`));
        resolve();
      });
    });
  try {
    await Promise.all(crew.map(work));
  } finally {
    for (const child of crew) child.kill();
  }
}
