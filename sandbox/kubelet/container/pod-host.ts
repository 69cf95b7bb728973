import type { Clock } from '../../../lib/ports.ts';
import type { OnTerminate } from '../../common/pod-behaviour.ts';
import type { ContainerProcess } from './container-process.ts';

/** The pod as its container sees it: facts, and requests. */
export interface PodHost {
  readonly name: string;
  readonly revision: string;
  readonly address: string;
  readonly readyAfterMs: number;
  readonly listenAfterMs: number | undefined;
  readonly onTerminate: OnTerminate;
  readonly graceMs: number;
  readonly restarts: boolean;
  /** The process of a container that is none of the rehearsal's own; absent: none is. */
  launch?(container: string, write: (line: string) => void): ContainerProcess | undefined;
  now(): number;
  sleep: Clock['sleep'];
  /** Something that the status shows has changed. */
  changed(): void;
  /** Where the container's ports really are; resolves once the API server knows. */
  publish(container: string, hostPorts: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void>;
  event(type: 'Normal' | 'Warning', reason: string, message: string): void;
}
