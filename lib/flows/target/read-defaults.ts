/** The workload's own defaults, as its StatefulSet has them now. */
import { StatusError } from '../../core/errors.ts';
import { type Judging, judgeDefaults } from '../../core/intent/judge-defaults.ts';
import type { JudgedDefaults } from '../../core/intent/workload-defaults.ts';
import { readStatefulSet } from '../../core/target/stateful-set-facts.ts';
import { FORMER_REPLICAS } from '../../core/target/surplus.ts';
import { STATEFUL_SETS } from '../../ports/resources.ts';
import type { KubeObject, World } from '../../ports.ts';

/** How texts are read, and what is usual without them. */
export type ReadingDefaults = Pick<Judging, 'sources' | 'measured' | 'read'>;

/** Undefined: there is no such StatefulSet, which the verb itself reports. Throws StatusError when it may not be read. */
export async function readDefaults(
  { kube, signal }: World,
  name: string,
  reading: ReadingDefaults,
): Promise<JudgedDefaults | undefined> {
  let object: KubeObject;
  try {
    object = await kube.get(STATEFUL_SETS, name, { signal });
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return undefined;
    throw error;
  }
  const { annotations, replicas } = readStatefulSet(object);
  return judgeDefaults({
    ...reading,
    statefulSet: name,
    annotations,
    replicas: replicasBeforeSurge(annotations, replicas),
  });
}

/** Damaged bookkeeping is refused elsewhere, by the verbs that go by it. */
function replicasBeforeSurge(annotations: Readonly<Record<string, string>>, replicas: number): number {
  const former = annotations[FORMER_REPLICAS] ?? '';
  return /^\d{1,6}$/.test(former) ? Number(former) : replicas;
}
