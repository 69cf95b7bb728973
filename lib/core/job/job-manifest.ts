/**
 * One upgrade as a Job: a ServiceAccount that may do this upgrade and nothing else, and a Job that runs it once, pod after pod,
 * until it has ended. The objects of the namespace are owned by the StatefulSet, whose UID is known before any of them
 * exists, and go with it. A ClusterRole, for nodes to be emptied, has no such owner: the head of the file takes it away.
 * Law: the same wish on the same target gives the same objects.
 */

import { ExitCode } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import { digest } from '../values/digest.ts';
import { type Pin, pinText } from './pin.ts';
import { leavingRules, type PolicyRule, type UpgradeReach, upgradeRules } from './role-rules.ts';
import { accountAnnotations, type CloudCredentials, CONTAINER, upgradePodSpec } from './upgrade-pod.ts';

/** The wish beside the upgrade itself. */
export interface JobWish {
  /** `job`: a Job of Kubernetes; `argo`: a Workflow of Argo, which asks before each batch. */
  engine: 'job' | 'argo';
  image: string;
  credentials: CloudCredentials;
  /** Flags of upgrade, as words. */
  words: readonly string[];
  /** Connections are counted by a metric: on this port, or on those of the load balancer; absent: they are not. */
  metrics?: { port?: number };
  /** As upgrade's. */
  evict?: boolean;
  /** Counting may add a container to a pod. */
  debugContainers?: boolean;
}

/** The StatefulSet, and what its upgrade may touch. */
export interface JobTarget {
  namespace: string;
  pin: Pin;
  /** The time of the restart that is asked for, so that no later pod begins another; undefined: none is. */
  restartedAt?: string | undefined;
  /** Of its load balancers, where they agree; undefined: not known, and left to the Secret or the Services. */
  region: string | undefined;
  reach: UpgradeReach;
}

/** Pods that may fail before the Job does: each goes on where the one before stopped. */
const BACKOFF_LIMIT = 20;
/** Two days: an upgrade of a hundred pods lasts one. */
const DEADLINE_SECONDS = 172_800;
const MAX_NAME = 63;

/** In the order in which they are applied. */
export function upgradeJob(target: JobTarget, wish: JobWish): KubeObject[] {
  const args = upgradeArgs(target, wish);
  const name = jobName(target, [...args, wish.image, JSON.stringify(wish.credentials)]);
  return [...accountObjects(target, name, wish.credentials), jobObject(target, name, wish, args)];
}

/** The words behind the executable. Never --take-over: the lease of another operator is that operator's. */
export const upgradeArgs = (
  { pin, restartedAt, region, reach }: JobTarget,
  { words }: Pick<JobWish, 'words'>,
): string[] => [
  'upgrade',
  reach.statefulSet,
  ...words,
  ...(region === undefined || words.some((word) => word.startsWith('--region=')) ? [] : [`--region=${region}`]),
  ...(restartedAt === undefined ? [] : [`--restarted-at=${restartedAt}`]),
  `--pin=${pinText(pin)}`,
  '--yes',
];

/** Another command is another Job; the same command the same. */
export function jobName({ reach, pin }: JobTarget, words: readonly string[]): string {
  // The time of a restart is another at each plan: with it in the name two plans of one restart would be two Jobs, and two restarts.
  const lasting = words.filter((word) => !word.startsWith('--restarted-at='));
  const mark = digest([pinText(pin), ...lasting].join('\n')).slice(0, 8);
  const base = `zeroloss-${reach.statefulSet.replaceAll('.', '-')}`.slice(0, MAX_NAME - mark.length - 1);
  return `${base.replace(/-+$/, '')}-${mark}`;
}

const RBAC = 'rbac.authorization.k8s.io';

/** ServiceAccount, Role and RoleBinding of one name; with nodes to be emptied a ClusterRole and its binding too. */
export function accountObjects(target: JobTarget, name: string, credentials: CloudCredentials): KubeObject[] {
  const { namespace, reach } = target;
  const annotations = accountAnnotations(credentials);
  const metadata = metadataOf(target, name);
  const rules: PolicyRule[] = upgradeRules(reach);
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { ...metadata, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
      automountServiceAccountToken: false,
    },
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    ...clusterObjects(target, name),
  ];
}

/** An object of no namespace has no owner in one (Kubernetes: Owners and Dependents). */
function clusterObjects({ namespace, reach }: JobTarget, name: string): KubeObject[] {
  const rules = leavingRules(reach);
  if (rules.length === 0) return [];
  const metadata = { name, labels: labelsOf(name) };
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}

export function metadataOf({ namespace, pin, reach }: JobTarget, name: string): KubeObject['metadata'] {
  return {
    name,
    namespace,
    labels: labelsOf(name),
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: reach.statefulSet, uid: pin.uid }],
  };
}

/** No Service and no StatefulSet selects by these. */
const labelsOf = (name: string): Record<string, string> => ({
  'app.kubernetes.io/name': 'kubectl-zeroloss',
  'kubectl-zeroloss/job': name,
});

function jobObject(target: JobTarget, name: string, wish: JobWish, args: readonly string[]): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadataOf(target, name),
    spec: {
      completions: 1,
      parallelism: 1,
      backoffLimit: BACKOFF_LIMIT,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      // The next pod begins when the one before has ended, not when it is asked to.
      podReplacementPolicy: 'Failed',
      podFailurePolicy: {
        rules: [
          // No other pod would end otherwise: usage, a safety rule, another writer, a world that disagrees.
          {
            action: 'FailJob',
            onExitCodes: {
              containerName: CONTAINER,
              operator: 'In',
              values: [ExitCode.usage, ExitCode.refused, ExitCode.conflict, ExitCode.disagrees],
            },
          },
          // A drained node or a deleted pod is no failure of the upgrade.
          { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
          {
            action: 'Ignore',
            onExitCodes: { containerName: CONTAINER, operator: 'In', values: [ExitCode.terminated] },
          },
        ],
      },
      template: {
        metadata: {
          labels: { ...labelsOf(name), 'sidecar.istio.io/inject': 'false' },
          annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: upgradePodSpec({ image: wish.image, args, account: name, credentials: wish.credentials }),
      },
    },
  };
}
