import type { KubeObject } from '../../../lib/ports.ts';
import { asMap, asMaps, asText } from '../json.ts';
import { ageOf } from './age-cell.ts';
import { AGE, type Columns, NAME, orNone, text, wideText } from './columns.ts';
import { renderRestarts, summarisePod } from './pod-status-cell.ts';

/** The columns of `kubectl get pods` (Kubernetes: printPod). */
export const POD: Columns = {
  definitions: [
    NAME,
    text('Ready', 'Containers that are ready, of all.'),
    text('Status', 'What the pod as a whole is doing.'),
    text('Restarts', 'How often its containers were started again, and when last.'),
    AGE,
    wideText('IP', 'The address of the pod.'),
    wideText('Node', 'The node it runs on.'),
    wideText('Nominated Node', 'The node that is to be freed for it.'),
    wideText('Readiness Gates', 'Conditions of its readiness gates that are true, of all.'),
  ],
  cells(pod, nowMs) {
    const spec = asMap(pod['spec']);
    const status = asMap(pod['status']);
    // They run beside the containers, and kubectl counts them in.
    const sidecars = asMaps(spec['initContainers']).filter(({ restartPolicy }) => restartPolicy === 'Always');
    const { reason, ready, restarts, lastRestartMs } = summarisePod(pod);
    const ip = asText(asMaps(status['podIPs'])[0]?.['ip']) || asText(status['podIP']);
    return [
      pod.metadata.name,
      `${ready}/${asMaps(spec['containers']).length + sidecars.length}`,
      reason,
      renderRestarts(restarts, lastRestartMs, nowMs),
      ageOf(pod, nowMs),
      orNone(ip),
      orNone(asText(spec['nodeName'])),
      orNone(asText(status['nominatedNodeName'])),
      renderGates(pod),
    ];
  },
};

function renderGates(pod: KubeObject): string {
  const gates = asMaps(asMap(pod['spec'])['readinessGates']);
  const conditions = asMaps(asMap(pod['status'])['conditions']);
  const open = gates.filter((gate) =>
    conditions.some(({ type, status }) => type === gate['conditionType'] && status === 'True'),
  );
  return gates.length === 0 ? '<none>' : `${open.length}/${gates.length}`;
}
