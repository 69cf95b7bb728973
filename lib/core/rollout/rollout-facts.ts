/** Everything that the audit of a rolling update looks at; the flow fills it in, the rules only read. */
import type { KubeObject } from '../facts/kube-object.ts';
import type { Scaler } from '../safety/scalers.ts';
import type { Known } from '../values/known.ts';
import type { WorkloadFacts } from './workload.ts';

export interface RolloutFacts {
  workload: WorkloadFacts;
  /** How long each pod that is there took from the start of its containers to Ready. */
  startSeconds: readonly number[];
  /** Whether a load balancer shows a pod by its own address. */
  bound: boolean;
  /** The names of the nodes that the pods run on. */
  nodes: readonly string[];
  /** Budgets that select the pods. */
  budgets: Known<readonly KubeObject[]>;
  autoscalers: Known<readonly Scaler[]>;
  /** Connections that are open now on all pods; why not, where no source can count them. */
  connections: Known<OpenConnections>;
}

export interface OpenConnections {
  /** Of all pods, on the ports that the load balancer sends to; of those that were not counted as many as of the others. */
  open: number;
  /** Pods whose number a source gave, of how many. */
  counted: number;
  pods: number;
  /** Whether any of them was still there so much later; undefined: no source can tell, or one look only was taken. */
  watched?: { forMs: number; stayed: boolean };
}
