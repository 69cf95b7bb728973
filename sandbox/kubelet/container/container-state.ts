/** The state of a container, in the words of a pod's status (Kubernetes: core/v1 ContainerState). */

export interface Terminated {
  exitCode: number;
  /** Completed or Error. */
  reason: string;
  startedAtMs: number;
  finishedAtMs: number;
  containerId: string;
}

export type ContainerState =
  | { kind: 'waiting'; reason: string; message?: string }
  | { kind: 'running'; startedAtMs: number }
  | ({ kind: 'terminated' } & Terminated);
