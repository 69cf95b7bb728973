/** Two StatefulSets for the verbs that look at several. */
import { podsOf, service, statefulSet } from '../../builders.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

/** `nginx`, which is well, and `web` of half as many pods with a Service of its own; both of the same tier. */
export function nginxAndWeb({ pods = 4, strategy = 'OnDelete' } = {}): Rehearsal {
  const labels = { tier: 'gateway' };
  const rehearsal = rehearse({ set: { labels }, replicas: pods });
  const merge = { spec: { updateStrategy: { type: strategy } } };
  const web = statefulSet({ name: 'web', replicas: pods / 2, labels, merge });
  for (const object of [web, ...podsOf(web, (ordinal) => ({ ip: `10.2.0.${ordinal}` })), service({ name: 'web' })])
    rehearsal.kube.put(object);
  return rehearsal;
}

/** The strategy of web is one that `drain` refuses. */
export const nginxAndRollingWeb = (): Rehearsal => nginxAndWeb({ strategy: 'RollingUpdate' });
