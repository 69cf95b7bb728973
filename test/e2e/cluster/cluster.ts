/** The cluster that the end-to-end suite runs on: the embedded sandbox, or a real control plane with the sandbox's own nodes and load balancer. */
import type { KubeconfigOptions } from '../../../sandbox/apiserver/start-apiserver.ts';
import type { Carrier } from '../../../sandbox/clb/plane-world.ts';
import type { Launch } from '../../../sandbox/kubelet/container/container-process.ts';
import type { RehearsalCluster } from '../../../sandbox/start/start-cluster.ts';

export interface E2eCluster extends RehearsalCluster {
  readonly kind: 'sandbox' | 'real';
  /** The administrator's. */
  readonly kubeconfig: string;
  /** Where the load balancer of a Service listens, `nginx` port 80 by default. Throws while it is not bound. */
  frontDoor(service?: string, port?: number): Promise<{ host: string; port: number }>;
  /** Writes a kubeconfig for a user who may do what RBAC says; answers its path. On `real` always with a certificate. */
  kubeconfigFor(user: string, groups?: readonly string[], options?: KubeconfigOptions): Promise<string>;
  /** Restarts the API server at the same address; only a real one keeps its objects, so the sandbox has none. */
  restartApiServer?(): Promise<void>;
}

export interface E2eOptions {
  carrier?: Carrier;
  /** How many nodes the pods are spread over; default 1. */
  nodes?: number;
  lagMs?: number;
  /** Runs the processes of images that are real ones. */
  launch?: Launch;
  log?: (line: string) => void;
}

/** Whether HAProxy carries the connections of the suite (E2E_BALANCER=haproxy) or the sandbox's own proxy. Throws on any other value. */
export function usesHaproxy(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const balancer = env['E2E_BALANCER'] ?? 'sandbox';
  if (balancer === 'sandbox' || balancer === 'haproxy') return balancer === 'haproxy';
  throw new Error(`E2E_BALANCER must be sandbox or haproxy, got '${balancer}'`);
}

/** Throws on any other value, so that a typing error never tests the wrong thing. */
export function clusterKind(env: Readonly<Record<string, string | undefined>> = process.env): 'sandbox' | 'real' {
  const kind = env['E2E_CLUSTER'] ?? 'sandbox';
  if (kind === 'sandbox' || kind === 'real') return kind;
  throw new Error(`E2E_CLUSTER must be sandbox or real, got '${kind}'`);
}
