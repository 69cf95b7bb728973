/**
 * One upgrade as a Workflow of Argo: each batch, or each full window, is a step behind a suspend, so that a person agrees to every
 * one. The steps run the same upgrade with a later --pause-at each, so that any of them may be run again.
 * Law: the same wish on the same target gives the same objects.
 */

import { ExitCode } from '../errors.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import { accountObjects, type JobTarget, type JobWish, jobName, metadataOf, upgradeArgs } from './job-manifest.ts';
import { pinText } from './pin.ts';
import { CONTAINER, EXECUTABLE, upgradePodSpec } from './upgrade-pod.ts';
import { JOB_VARIABLES } from './variables.ts';

/** Tries of one step after its first: each goes on where the one before stopped. With waits from 1 s on, the last one of 34 min. */
const RETRIES = '12';
/** Two days for one step; the suspends between them have no limit. */
const DEADLINE_SECONDS = 172_800;

/** No other try would end otherwise: usage, a safety rule, another writer, a world that disagrees. */
const FINAL = [ExitCode.usage, ExitCode.refused, ExitCode.conflict, ExitCode.disagrees];

/** Beyond the Role of the Job: Argo's executor reports the end of a pod (Argo Workflows: Workflow RBAC). */
const OF_EXECUTOR = { apiGroups: ['argoproj.io'], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] };

/** `checkpoints`: the numbers of updated pods after which a person is asked, without the last one. In the order in which they are applied. */
export function upgradeWorkflow(target: JobTarget, wish: JobWish, checkpoints: readonly number[]): KubeObject[] {
  const args = upgradeArgs(target, wish);
  const name = jobName(target, [
    'workflow',
    ...args,
    wish.image,
    JSON.stringify(wish.credentials),
    ...checkpoints.map(String),
  ]);
  const accounts = accountObjects(target, name, wish.credentials).map((object) => {
    if (object.kind === 'Role') return { ...object, rules: [...(object['rules'] as object[]), OF_EXECUTOR] };
    // Argo leaves the pod's own field out, so that the account's would keep the token from the pod (Argo: setupServiceAccount).
    if (object.kind === 'ServiceAccount') return { ...object, automountServiceAccountToken: true };
    return object;
  });
  return [...accounts, workflow(target, name, wish, args, checkpoints)];
}

/** The numbers of updated pods at which the batches of a plan end, without the last. `updated`: pods that are so already. */
export function checkpointsOf(batches: readonly (readonly number[])[], updated: number): number[] {
  let sum = updated;
  return batches.slice(0, -1).map(({ length }) => (sum += length));
}

function workflow(
  target: JobTarget,
  name: string,
  wish: JobWish,
  args: readonly string[],
  checkpoints: readonly number[],
): KubeObject {
  const pod = (words: readonly string[]) => podOf(name, wish, words);
  const { serviceAccountName, securityContext } = pod(args);
  const run = (of: string, words: readonly string[], inputs: object = {}) => ({
    name: of,
    ...inputs,
    activeDeadlineSeconds: DEADLINE_SECONDS,
    retryStrategy: {
      limit: RETRIES,
      retryPolicy: 'Always',
      expression: `lastRetry.exitCode not in [${FINAL.map((code) => `'${code}'`).join(', ')}]`,
      // Argo waits before it looks at the expression, too: a refusal is to show at once. No cap, which Argo has from 3.7 on; no
      // maxDuration, which counts from the first try's start, and a batch may last longer.
      backoff: { duration: '1s', factor: '2' },
    },
    container: pod(words).containers[0],
  });
  const { reach } = target;
  const step = (step: string, template: string, more: object = {}) => [{ name: step, template, ...more }];
  const isFailed = { when: '{{workflow.status}} == Failed' };
  const upTo = (count: number) => ({ arguments: { parameters: [{ name: 'pods', value: String(count) }] } });
  const wayBack = [
    {
      name: 'way-back',
      steps: [
        step('approve-rollback', 'approve', isFailed),
        step('rollback', 'rollback', isFailed),
        step('upgrade-back', 'upgrade-back', isFailed),
      ],
    },
    // Pinned: a Workflow that was refused, or stopped, before it set the template has nothing to take back.
    run('rollback', ['rollback', reach.statefulSet, `--pin=${pinText(target.pin)}`]),
    run('upgrade-back', backArgs(target, wish)),
  ];
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: metadataOf(target, name),
    spec: {
      entrypoint: 'upgrade',
      // It runs when a person stops the Workflow, too; so it does nothing before somebody resumes it.
      ...(hasWayBack(wish) ? { onExit: 'way-back' } : {}),
      serviceAccountName,
      securityContext,
      parallelism: 1,
      podMetadata: {
        labels: { 'sidecar.istio.io/inject': 'false' },
        annotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
      },
      templates: [
        {
          name: 'upgrade',
          steps: [
            ...checkpoints.flatMap((count) => [
              step(`approve-up-to-${count}`, 'approve'),
              step(`up-to-${count}`, 'up-to', upTo(count)),
            ]),
            step('approve-rest', 'approve'),
            step('rest', 'rest'),
          ],
        },
        { name: 'approve', suspend: {} },
        run('up-to', [...args, '--pause-at={{inputs.parameters.pods}}'], {
          inputs: { parameters: [{ name: 'pods' }] },
        }),
        run('rest', args),
        ...(hasWayBack(wish) ? wayBack : []),
      ],
    },
  };
}

/** A restart, or the emptying of a node, leads to the template as it is: there is no former one to go back to. */
const hasWayBack = ({ words }: JobWish): boolean =>
  words.some((word) => word.startsWith('--image=')) || !words.some((word) => /^--(?:restart|node)=/.test(word));

/** The same upgrade to the template that `rollback` put back: neither images nor a restart, and no pin to the new one. */
const backArgs = ({ reach, region }: JobTarget, { words }: JobWish): string[] => [
  'upgrade',
  reach.statefulSet,
  ...words.filter((word) => !/^--(?:image|restart)=/.test(word)),
  ...(region === undefined || words.some((word) => word.startsWith('--region=')) ? [] : [`--region=${region}`]),
  '--yes',
];

/** The pod of the Job, whose lease is held by the Workflow: Argo puts its name and UID in. */
function podOf(name: string, wish: JobWish, args: readonly string[]) {
  const spec = upgradePodSpec({ image: wish.image, args, account: name, credentials: wish.credentials }) as {
    serviceAccountName: string;
    securityContext: object;
    containers: { name: string; env: { name: string }[] }[];
  };
  const ofWorkflow: Readonly<Record<string, string>> = {
    [JOB_VARIABLES.job]: '{{workflow.name}}',
    [JOB_VARIABLES.jobUid]: '{{workflow.uid}}',
  };
  const containers = spec.containers.map((container) => ({
    ...container,
    // Argo waits for the container of this name.
    name: container.name === CONTAINER ? 'main' : container.name,
    // Argo's executor starts the program itself. Without a command its controller would ask the registry for the entrypoint.
    command: [EXECUTABLE],
    env: container.env.map((each) => {
      const value = ofWorkflow[each.name];
      return value === undefined ? each : { name: each.name, value };
    }),
  }));
  return { ...spec, containers };
}
