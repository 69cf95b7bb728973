/** The input of commands: the program's surroundings, and how to print. */

import type { CloudFlags } from '../lib/clb/connect-cloud.ts';
import type { Outcome } from '../lib/core/outcome/outcome.ts';
import type { ConnectionFlags } from '../lib/kube/config/connection-flag-values.ts';
import type { Paint } from '../lib/output/colour.ts';
import type { StreamReporter } from '../lib/output/live/reporter.ts';
import type { Mask } from '../lib/output/mask-secrets.ts';
import type { CommandLines } from '../lib/output/results/command-lines.ts';
import type { Environment, Streams } from '../lib/output/streams.ts';
import type { World } from '../lib/ports.ts';

export interface WorldOptions {
  connection: ConnectionFlags;
  cloud: CloudFlags;
  env: Environment;
  report: StreamReporter;
  signal: AbortSignal;
  /** Whether a credential plugin may ask the user; default: when stdin is a terminal. */
  interactive?: boolean;
}

/** For verbs that have to know zero: what the sources' own flags say, and whether they may change anything. */
export interface CountingFlags {
  flags: Readonly<Record<string, unknown>>;
  mayWrite: boolean;
}

/** A World, and the end of its connections. */
export interface OpenWorld {
  /** With the sources alone that cost nothing per pod. */
  world: World;
  /** The same world with every source. Absent: it has them. */
  counting?(counting: CountingFlags): World | Promise<World>;
  /** Whether anything was written through `world.kube`. */
  wrote?(): boolean;
  close(): Promise<void>;
}

/** The effects of a verb. */
export type Flow<I, D> = (world: World, intent: I) => Promise<Outcome<D>>;

/** The surroundings of one run of the program; a test brings its own. */
export interface Host {
  /** The words after the program's name. */
  argv: readonly string[];
  /** As it was called: `kubectl zeroloss`. */
  program: string;
  env: Environment;
  streams: Streams;
  /** Aborts on Ctrl-C and SIGTERM, with an InterruptedError. */
  signal: AbortSignal;
  /** `linux/amd64`. */
  platform: string;
  /** How this very program can be started again, for the sandbox's demo. */
  selfCommand: readonly string[];
  openWorld(options: WorldOptions): Promise<OpenWorld>;
  /** The function that a test calls in place of a verb's flow. */
  watchFlow?<I, D>(verb: string, flow: Flow<I, D>): Flow<I, D>;
}

/** A Host together with what one command line made of it. */
export interface Context extends Host {
  /** The flags as they were given, by their long names: texts, not values. */
  typed: ReadonlyMap<string, readonly string[]>;
  /** The words that called the command: `drain`. */
  command: string;
  verbosity: number;
  paint: Paint;
  /** For stdout. */
  paintOut: Paint;
  mask: Mask;
  report: StreamReporter;
  commands: CommandLines;
  /** The same, for lines that `written` breaks. */
  prose: CommandLines;
}
