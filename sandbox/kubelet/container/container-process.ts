/** A container whose program is a process of its own, in place of the rehearsal's server. */
import type { KubeObject } from '../../../lib/ports.ts';
import type { ShellResult } from './shell.ts';
import { aborted } from './sleep-unless-aborted.ts';

export interface ContainerProcess {
  /** The exit code. Never rejects. */
  ended: Promise<number>;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Runs a command beside the process, in its place; absent: the rehearsal's shell answers. Never rejects. */
  exec?(command: readonly string[]): Promise<ShellResult>;
}

/** Starts the process of a container, whose lines go to `write`; undefined: this container is the rehearsal's own. */
export type Launch = (
  pod: KubeObject,
  container: unknown,
  write: (line: string) => void,
) => ContainerProcess | undefined;

/** Resolves with the exit code: SIGTERM when `end` aborts, SIGKILL when `kill` does. */
export async function followProcess(process: ContainerProcess, end: AbortSignal, kill: AbortSignal): Promise<number> {
  void aborted(end).then(() => process.kill('SIGTERM'));
  void aborted(kill).then(() => process.kill('SIGKILL'));
  return process.ended;
}
