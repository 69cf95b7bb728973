/** How time and memory grow with the number of pods, against `kubectl get pods` on the same server. */

import type { BareCluster, BareSet } from '../../sandbox/bare/bare-cluster.ts';
import type { Child } from '../../sandbox/bare/child.ts';
import type { Installed } from '../installed.ts';
import { type Contestant, type Figures, race } from '../measure.ts';
import { slopes } from '../slope.ts';

export interface GrowthOptions extends Installed {
  kubectl: string;
  rounds: number;
  sizes: readonly number[];
  cluster: Child<BareCluster>;
  env: NodeJS.ProcessEnv;
}

/** Figures of one size, the first of them `kubectl get pods`. */
export interface AtSize {
  size: number;
  figures: readonly Figures[];
}

export interface Growth {
  name: string;
  /** Log-log slopes between each size and the next: 1 is linear. */
  wall: readonly number[];
  memory: readonly number[];
}

export async function measureGrowth(
  options: GrowthOptions,
  report: (title: string, figures: Figures[]) => void,
): Promise<Growth[]> {
  const measured: AtSize[] = [];
  for (const size of options.sizes) {
    const set = await options.cluster.ask('createSet', size);
    // A process that runs for seconds needs fewer runs for a median that stands.
    const rounds =
      size >= 5000 ? Math.min(options.rounds, 3) : size >= 1000 ? Math.min(options.rounds, 5) : options.rounds;
    const figures = await race(contestants(options, set), rounds, options.env);
    measured.push({ size, figures });
    report(`${size} pods`, figures);
  }
  return growthOf(measured);
}

/** Each verb does all of its work, the cloud's part too; what takes it back is not measured. */
function contestants({ kubectl, plugin }: GrowthOptions, { namespace, name, updated }: BareSet): Contestant[] {
  const verb = (...words: string[]) => [plugin, '-n', namespace, ...words];
  const restore = verb('restore', name, '--weights-only');
  return [
    { name: 'kubectl get pods', command: [kubectl, '-n', namespace, 'get', 'pods'] },
    { name: 'kubectl get pods -o json', command: [kubectl, '-n', namespace, 'get', 'pods', '-o', 'json'] },
    { name: 'status --no-cloud', command: verb('status', name, '--no-cloud') },
    { name: 'status --no-cloud -o json', command: verb('status', name, '--no-cloud', '-o', 'json') },
    { name: 'status', command: verb('status', name), rounds: 5 },
    { name: 'drain, a tenth', command: verb('drain', name, updated), after: [restore], rounds: 5 },
    {
      name: 'advance, a tenth',
      before: [verb('drain', name, updated)],
      command: verb('advance', name),
      after: [restore],
      rounds: 5,
    },
    // Behind these pods nothing runs: at first nothing can count their connections, and check ends with 4 for it.
    { name: 'check', command: verb('check', name), exitCodes: [0, 4], rounds: 5 },
  ];
}

export function growthOf(measured: readonly AtSize[]): Growth[] {
  const names = measured[0]?.figures.map(({ name }) => name) ?? [];
  return names.map((name) => {
    const points = (value: (figures: Figures) => number | undefined) =>
      measured.flatMap(({ size, figures }) => {
        const own = figures.find((each) => each.name === name);
        const known = own && value(own);
        return known === undefined ? [] : [{ size, value: known }];
      });
    return { name, wall: slopes(points(({ wallMs }) => wallMs)), memory: slopes(points(({ peakMB }) => peakMB)) };
  });
}
