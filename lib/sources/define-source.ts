/** The declaration of every source of connection counts; `cmd/flags/source-flags.ts` lists them. */
import type { Cloud } from '../clb/cloud.ts';
import type { Arguments, Flags } from '../cli/arguments.ts';
import type { Clock, ConnectionSource, Kube } from '../ports.ts';

/** The parts that a source may be made of. */
export interface SourceSurroundings {
  kube: Kube;
  clock: Clock;
  /** Connects to the cloud at the first call. Throws when there are no credentials. */
  cloud(): Promise<Cloud>;
  /** False in a dry run: then a source changes nothing in the cluster. */
  mayWrite: boolean;
  warn(line: string): void;
}

export interface SourceDefinition<F extends Flags = Flags> {
  /** As `--source` takes it. */
  readonly name: string;
  /** Asked for all pods by a glance at them, such as status; other sources cost a call per pod. */
  readonly forGlances: boolean;
  /** It counts ports past the load balancer too: those that clients inside the cluster come by. */
  readonly countsInside: boolean;
  readonly flags: F;
  /** As `ConnectionSource.countsBy`; absent: it counts in periods. */
  countsBy?(values: Readonly<Record<string, unknown>>): string;
  /** Whether the operator wants it by name: then it must be able to count, as if --source had named it. */
  asked(values: Readonly<Record<string, unknown>>, surroundings: Pick<SourceSurroundings, 'mayWrite'>): boolean;
  /** `values`: of its own flags, or of more. */
  create(surroundings: SourceSurroundings, values: Readonly<Record<string, unknown>>): Promise<ConnectionSource>;
}

type FlagValues<F extends Flags> = Arguments<Record<never, never>, F>['flags'];

/** Makes a definition whose `create` is given the values of its own flags, typed. */
export function defineSource<F extends Flags>(
  definition: Omit<SourceDefinition<F>, 'asked' | 'countsBy' | 'create'> & {
    countsBy?: (values: FlagValues<F>) => string;
    asked?: (values: FlagValues<F>, surroundings: Pick<SourceSurroundings, 'mayWrite'>) => boolean;
    create: (surroundings: SourceSurroundings, values: FlagValues<F>) => Promise<ConnectionSource>;
  },
): SourceDefinition<F> {
  const { countsBy, ...rest } = definition;
  // Every command that takes these flags has read them by the very readers that the types are derived from.
  return {
    ...rest,
    ...(countsBy === undefined ? {} : { countsBy: (values) => countsBy(values as FlagValues<F>) }),
    asked: (values, surroundings) => definition.asked?.(values as FlagValues<F>, surroundings) ?? false,
    create: (surroundings, values) => definition.create(surroundings, values as FlagValues<F>),
  };
}
