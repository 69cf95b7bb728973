/** Invariant 4: at success every pod is at the wished revision, and replicas, annotations and bookkeeping are as before. */
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap, asMaps } from '../../../sandbox/semantics/json.ts';
import { annotationOf, type Stage, TARGET } from '../world/stage.ts';

export interface Before {
  replicas: number;
  /** Service name to the text of its weight annotation. */
  weights: ReadonlyMap<string, string | undefined>;
}

export const before = ({ api }: Stage): Before => ({
  replicas: Number(asMap(api.get(STATEFUL_SETS, TARGET)?.['spec'])['replicas']),
  weights: new Map(api.list(SERVICES).map((service) => [service.metadata.name, annotationOf(service)])),
});

/** Everything that is not as it was; `touched`: changes by others meanwhile. `image`: of every pod. */
export function differences(
  stage: Stage,
  was: Before,
  touched: ReadonlySet<string>,
  image: string | undefined,
): string[] {
  const { api } = stage;
  const set = api.get(STATEFUL_SETS, TARGET);
  const replicas = Number(asMap(set?.['spec'])['replicas']);
  const wrong: string[] = [];
  if (!touched.has('replicas') && replicas !== was.replicas) wrong.push(`${replicas} replicas, not ${was.replicas}`);
  if (!touched.has('image') && image !== undefined) {
    const others = api
      .list(PODS)
      .filter((pod) => asMaps(asMap(pod['spec'])['containers'])[0]?.['image'] !== image)
      .map(({ metadata }) => metadata.name);
    if (others.length > 0) wrong.push(`${others.join(', ')} not at ${image}`);
  }
  for (const service of api.list(SERVICES)) {
    const { name } = service.metadata;
    const text = annotationOf(service);
    if (!touched.has('weights') && text !== was.weights.get(name))
      wrong.push(`service/${name} says ${text ?? 'nothing'}, not ${was.weights.get(name) ?? 'nothing'}`);
    if (!touched.has('weights')) wrong.push(...bookkeeping(`service/${name}`, service.metadata.annotations));
  }
  if (!touched.has('replicas') && !touched.has('image'))
    wrong.push(...bookkeeping(`statefulset/${TARGET}`, set?.metadata.annotations));
  return wrong;
}

/** Records that a finished upgrade has no use for. */
const bookkeeping = (name: string, annotations: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(annotations)
    .filter((key) => key.includes('kubectl-zeroloss/'))
    .map((key) => `${name} keeps ${key}`);
