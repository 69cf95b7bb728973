/** Asks every source whether it could count one of the pods, as wait-zero would. */
import { countedBackends, isServing, type PodBinding } from '../../core/facts/backends.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { CheckIntent } from '../../core/intent/intent.ts';
import type { SourceAnswer } from '../../core/zero/countable.ts';
import type { CountedBackend, World } from '../../ports.ts';
import { softly } from '../guard/softly.ts';
import { askSource, pickSources } from '../zero/choose-sources.ts';
import { offerInside } from '../zero/offer-inside.ts';

/** So many other pods are offered as proof that a series is alive. */
const SIBLINGS = 5;

export interface ProvenSources {
  answers: readonly SourceAnswer[];
  /** Of one pod, which stands for all: they come from one template and hang on the same listeners. Empty: none is bound. */
  backends: readonly CountedBackend[];
  /** Its ports past the load balancer. */
  inside: readonly CountedBackend[];
}

/** Throws only on abort; a source that cannot be asked at all counts nothing. */
export async function provenSources(
  world: World,
  facts: Pick<Facts, 'pods' | 'inside'>,
  bindings: readonly PodBinding[],
  { sources: named, ignoredPorts = [] }: Pick<CheckIntent, 'sources' | 'ignoredPorts'>,
): Promise<ProvenSources> {
  const sample = bindings.find((binding) => binding.bindings.length > 0 && !binding.pod.terminating)?.pod;
  const backends = bindings.filter(({ pod }) => pod.uid === sample?.uid).flatMap(countedBackends);
  if (backends.length === 0) return { answers: [], backends, inside: [] };
  const others = new Set(
    bindings.flatMap((binding) => (binding.pod.uid !== sample?.uid && isServing(binding) ? [binding.pod.uid] : [])),
  );
  const offered = new Set([...others].slice(0, SIBLINGS));
  const siblings = bindings
    .filter((binding) => offered.has(binding.pod.uid) && isServing(binding))
    .flatMap(countedBackends);
  const inside = offerInside(
    facts,
    { pods: sample === undefined ? [] : [sample], neverBound: [] },
    () => siblings,
    ignoredPorts,
  );
  const answers = await Promise.all(
    pickSources(world.sources, named).map(async (source): Promise<SourceAnswer> => {
      const answer = await softly(world, () => askSource(world, source, { backends, siblings, inside }, named));
      if (answer.known) return answer.value;
      const because = answer.because;
      const refused = backends.map((backend) => ({ backend, countable: false, because }));
      return { name: source.name, answer: refused, asked: named !== undefined || source.asked === true };
    }),
  );
  return { answers, backends, inside: inside.backends };
}
