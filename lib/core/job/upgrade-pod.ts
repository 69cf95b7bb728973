/** The pod that runs one upgrade: as little as it needs, and nothing that it could write to. A Job and a Workflow share it. */

import { JOB_VARIABLES } from './variables.ts';

/** The cloud key: a role by TKE workload identity, or a Secret whose keys are the variables. */
export type CloudCredentials = { kind: 'role'; arn: string } | { kind: 'secret'; name: string };

export const CONTAINER = 'upgrade';

/** The entrypoint of the image of deploy/Dockerfile. */
export const EXECUTABLE = '/usr/local/bin/kubectl-zeroloss';

/** As gcr and others number it in images without a shell; any id but 0 would do. */
const USER = 65_532;

/** An interrupted upgrade needs 3 s to name its state and to give the lease back; the rest is for a slow API server. */
const GRACE_SECONDS = 30;

/** Annotations of the ServiceAccount for TKE's pod-identity-webhook, which sets TKE_ROLE_ARN and its like (TKE: OIDC resource access control). */
export const accountAnnotations = (credentials: CloudCredentials): Record<string, string> =>
  credentials.kind === 'secret'
    ? {}
    : {
        'tke.cloud.tencent.com/role-arn': credentials.arn,
        'tke.cloud.tencent.com/audience': 'sts.cloud.tencent.com',
        'tke.cloud.tencent.com/token-expiration': '86400',
      };

/** `args`: the words behind the executable, which is the image's entrypoint. */
export function upgradePodSpec({
  image,
  args,
  account,
  credentials,
}: {
  image: string;
  args: readonly string[];
  account: string;
  credentials: CloudCredentials;
}): Record<string, unknown> {
  const label = (name: string, key: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${key}']` } },
  });
  const field = (name: string, path: string) => ({
    name,
    valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: path } },
  });
  return {
    restartPolicy: 'Never',
    serviceAccountName: account,
    automountServiceAccountToken: true,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: CONTAINER,
        image,
        // The kubelet replaces $(NAME) in arguments, and reads $$ as one $ (Kubernetes: Container.args).
        args: args.map((word) => word.replaceAll('$', '$$$$')),
        env: [
          // Of which Job it is, so that the lease is the Job's: from the labels that the Job controller sets.
          label(JOB_VARIABLES.job, 'batch.kubernetes.io/job-name'),
          label(JOB_VARIABLES.jobUid, 'batch.kubernetes.io/controller-uid'),
          field(JOB_VARIABLES.pod, 'metadata.name'),
          field(JOB_VARIABLES.podUid, 'metadata.uid'),
          // Images without a list of users have no home.
          { name: 'HOME', value: '/' },
        ],
        ...(credentials.kind === 'secret' ? { envFrom: [{ secretRef: { name: credentials.name } }] } : {}),
        resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
      },
    ],
  };
}
