/** Troubles that several tests make. */
import type { Rehearsal } from './rehearsal.ts';

/** Every replacement starts, and crashes again and again. */
export function crashLoops({ kube }: Rehearsal): void {
  const state = { waiting: { reason: 'CrashLoopBackOff' } };
  kube.replacement = () => ({
    ready: false,
    merge: { status: { containerStatuses: [{ name: 'nginx', state, restartCount: 3 }] } },
  });
}

/** Another operator has held the lease since `atMs`, and has not renewed it. */
export function holdsLease({ kube }: Rehearsal, atMs: number): void {
  const at = new Date(atMs).toISOString().replace('Z', '000Z');
  kube.put({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'kubectl-zeroloss-nginx' },
    spec: { holderIdentity: 'two@laptop/7', leaseDurationSeconds: 60, acquireTime: at, renewTime: at },
  });
}
