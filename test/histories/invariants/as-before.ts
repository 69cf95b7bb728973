/** Invariant 4: at success every pod is at the wished revision, and replicas, annotations and bookkeeping are as before. */
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { asMap, asMaps } from '../../../sandbox/semantics/json.ts';
import type { Done } from '../people/shell.ts';
import { defaultsOf, isDefault } from '../world/defaults.ts';
import { annotationOf, NEW_IMAGE, type Stage, TARGET } from '../world/stage.ts';

export interface Before {
  replicas: number;
  /** Service name to the text of its weight annotation. */
  weights: ReadonlyMap<string, string | undefined>;
}

export const before = ({ api }: Stage): Before => ({
  replicas: Number(asMap(api.get(STATEFUL_SETS, TARGET)?.['spec'])['replicas']),
  weights: new Map(api.list(SERVICES).map((service) => [service.metadata.name, annotationOf(service)])),
});

/** Everything that is not as it was; `touched`: changes by others meanwhile. */
export function differences(
  stage: Stage,
  was: Before,
  touched: ReadonlySet<string>,
  { image, emptied }: Pick<Done, 'image' | 'emptied'> = {},
): string[] {
  const { api } = stage;
  const set = api.get(STATEFUL_SETS, TARGET);
  const replicas = Number(asMap(set?.['spec'])['replicas']);
  const wrong: string[] = [];
  if (!touched.has('replicas') && replicas !== was.replicas) wrong.push(`${replicas} replicas, not ${was.replicas}`);
  const isTheirs = touched.has('image') || (touched.has('new-image') && image !== NEW_IMAGE);
  if (!isTheirs && image !== undefined) {
    const others = api
      .list(PODS)
      .filter((pod) => asMaps(asMap(pod['spec'])['containers'])[0]?.['image'] !== image)
      // Somebody has scaled it away, and it stays for as long as its lost node is not taken out.
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined || ordinalOf(metadata.name) < replicas)
      .map(({ metadata }) => metadata.name);
    if (others.length > 0) wrong.push(`${others.join(', ')} not at ${image}`);
  }
  if (!touched.has('nodes') && emptied !== undefined)
    for (const pod of api.list(PODS))
      if (asMap(pod['spec'])['nodeName'] === emptied) wrong.push(`${pod.metadata.name} is still on ${emptied}`);
  for (const service of api.list(SERVICES)) {
    const { name } = service.metadata;
    const text = annotationOf(service);
    if (!touched.has('weights') && text !== was.weights.get(name))
      wrong.push(`service/${name} says ${text ?? 'nothing'}, not ${was.weights.get(name) ?? 'nothing'}`);
    if (!touched.has('weights')) wrong.push(...bookkeeping(`service/${name}`, service.metadata.annotations));
  }
  for (const [key, text] of Object.entries(defaultsOf(stage.setting)))
    if (set?.metadata.annotations?.[key] !== text) wrong.push(`statefulset/${TARGET} has lost ${key}=${text}`);
  if (!isTheirs && !touched.has('replicas') && !touched.has('nodes'))
    wrong.push(...bookkeeping(`statefulset/${TARGET}`, set?.metadata.annotations));
  return wrong;
}

const ordinalOf = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1));

/** Records that a finished upgrade has no use for. */
const bookkeeping = (name: string, annotations: Readonly<Record<string, string>> = {}): string[] =>
  Object.keys(annotations)
    .filter((key) => key.includes('kubectl-zeroloss/') && !isDefault(key))
    .map((key) => `${name} keeps ${key}`);
