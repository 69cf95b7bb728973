/** The parts of `make bench`. */

export const SECTIONS = ['start-up', 'build-steps', 'growth', 'requests', 'reaction', 'upgrade', 'rollout'] as const;
export type Section = (typeof SECTIONS)[number];

export interface Extent {
  sections: readonly Section[];
  rounds: number;
  /** Pods of each StatefulSet that growth is measured on. */
  sizes: readonly number[];
  /** Of the upgrade and the reaction: fewer pods, shorter streams, fewer runs. */
  quick: boolean;
  /** Rollouts of each kind on a hundred pods, and the numbers of pods: a hundred, unless BENCH_SIZES names others. */
  seeds: number;
  rolloutSizes: readonly number[];
}

/** BENCH_ONLY=start-up,growth, BENCH_QUICK=1, BENCH_ROUNDS=9, BENCH_SIZES=10,100, BENCH_SEEDS=5. Throws when one of them cannot be understood. */
export function readExtent(env: Readonly<Record<string, string | undefined>>): Extent {
  const quick = env['BENCH_QUICK'] === '1';
  const chosen = env['BENCH_SIZES']?.split(',').map((word) => countOf('BENCH_SIZES', word));
  return {
    quick,
    sections: env['BENCH_ONLY'] === undefined ? SECTIONS : env['BENCH_ONLY'].split(',').map(sectionOf),
    rounds: env['BENCH_ROUNDS'] === undefined ? (quick ? 5 : 20) : countOf('BENCH_ROUNDS', env['BENCH_ROUNDS']),
    sizes: chosen ?? (quick ? [10, 100] : [10, 100, 1000, 5000]),
    rolloutSizes: chosen ?? [100],
    seeds: env['BENCH_SEEDS'] === undefined ? (quick ? 2 : 20) : countOf('BENCH_SEEDS', env['BENCH_SEEDS']),
  };
}

/** The command that measures the same again: `BENCH_QUICK=1 make bench`. */
export const commandLine = (env: Readonly<Record<string, string | undefined>>): string =>
  `\`${[
    ...['BENCH_QUICK', 'BENCH_ONLY', 'BENCH_ROUNDS', 'BENCH_SIZES', 'BENCH_SEEDS'].flatMap((name) =>
      env[name] === undefined ? [] : [`${name}=${env[name]}`],
    ),
    'make bench',
  ].join(' ')}\``;

/** Parts of which the machine decides: the others count, or run on a simulated clock. */
const ON_THE_CLOCK: readonly Section[] = ['start-up', 'build-steps', 'growth', 'reaction', 'upgrade'];

/** The line above a part's tables in docs/dev/performance.md: the command that prints them alone and, where it matters, the machine. */
export function headingOf(
  section: Section,
  env: Readonly<Record<string, string | undefined>>,
  machine: string,
): string {
  const command = commandLine({ ...env, BENCH_ONLY: section });
  return ON_THE_CLOCK.includes(section) ? `${command}: ${machine}` : command;
}

function sectionOf(word: string): Section {
  const section = SECTIONS.find((name) => name === word);
  if (section === undefined) throw new Error(`BENCH_ONLY=${word}: there are ${SECTIONS.join(', ')}`);
  return section;
}

function countOf(name: string, word: string): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${name}=${word}: a whole number from 1 is expected`);
  return count;
}
