/** Objects as one YAML stream for `kubectl apply -f -`, with the commands that go with it in its head. */

import type { Refusal } from '../../core/errors.ts';
import type { KubeObject } from '../../core/facts/kube-object.ts';
import { shellWord } from '../../core/values/shell-word.ts';

/** `refusals`: those of the upgrade as things are now, for the head. */
export async function manifestText(objects: readonly KubeObject[], refusals: readonly Refusal[]): Promise<string> {
  const { dump } = await import('js-yaml');
  const documents = objects.map((object) => dump(object, { lineWidth: -1, noRefs: true }));
  return (
    [...headOf(objects, refusals).map((line) => `# ${line}`.trimEnd()), '---', ''].join('\n') + documents.join('---\n')
  );
}

function headOf(objects: readonly KubeObject[], refusals: readonly Refusal[]): string[] {
  const engine = objects.find(({ kind }) => kind === 'Job' || kind === 'Workflow');
  if (engine === undefined) return [];
  const { name, namespace = '' } = engine.metadata;
  const at = `-n ${shellWord(namespace)}`;
  const isJob = engine.kind === 'Job';
  const isCluster = objects.some(({ kind }) => kind === 'ClusterRole');
  return [
    ...(isJob ? jobHead(at, name, namespace) : workflowHead(at, name, namespace)),
    `  kubectl delete ${at} ${isJob ? 'job' : 'workflow'},rolebinding,role,serviceaccount${isCluster ? ',clusterrolebinding,clusterrole' : ''} -l kubectl-zeroloss/job=${name}`,
    ...(isCluster
      ? ['Its ClusterRole reads nodes and volumes, which are of no namespace; only that command takes it away.']
      : []),
    ...shellHead(engine),
    ...(refusals.length === 0
      ? []
      : [
          '',
          'It would be refused as things are now:',
          ...refusals.map(({ rule, message }) => `  ${rule}: ${message.replaceAll(/\s+/g, ' ')}`),
        ]),
  ];
}

/** The image of deploy/Dockerfile has no shell; the other stage of it has one. */
function shellHead(engine: KubeObject): string[] {
  const found = JSON.stringify(engine).match(/--(?:gate|notify)-command(?==)/g);
  if (found === null) return [];
  return [
    '',
    `A shell runs ${[...new Set(found)].join(' and ')}: the image needs one (deploy/Dockerfile, --target shell).`,
  ];
}

const jobHead = (at: string, name: string, namespace: string): string[] => [
  `Upgrades one StatefulSet of namespace ${namespace}, from inside the cluster. Needs Kubernetes 1.29 or later.`,
  '  start it:   kubectl apply -f FILE',
  `  follow it:  kubectl logs ${at} -f job/${name}`,
  `  stop it:    kubectl delete ${at} job ${name}`,
  'Stop it by deleting the Job, not the file: the file takes its permissions away before its last words.',
  'Once it has ended:',
];

const workflowHead = (at: string, name: string, namespace: string): string[] => [
  `Upgrades one StatefulSet of namespace ${namespace} by Argo Workflows, batch by batch, each behind an approval.`,
  '  start it:    kubectl apply -f FILE',
  `  follow it:   argo get ${at} ${name}`,
  `  agree:       argo resume ${at} ${name}`,
  `  stop it:     argo stop ${at} ${name}`,
  'When it fails or is stopped it waits once more: to resume it then is to roll back; argo terminate leaves things as they are.',
  'Once it has ended:',
];
