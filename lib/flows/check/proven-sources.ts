/** Asks every source whether it could count one of the pods, as wait-zero would. */
import { countedBackends, isServing, type PodBinding } from '../../core/backends.ts';
import type { SourceAnswer } from '../../core/check/counting.ts';
import type { World } from '../../ports.ts';
import { softly } from './softly.ts';

/** So many other pods are offered as proof that a series is alive. */
const SIBLINGS = 5;

/** One pod stands for all: they come from one template and hang on the same listeners. */
export async function provenSources(
  world: World,
  bindings: readonly PodBinding[],
  named: readonly string[] | undefined,
): Promise<SourceAnswer[]> {
  const sample = bindings.find((binding) => binding.bindings.length > 0 && !binding.pod.terminating)?.pod;
  const backends = bindings.filter(({ pod }) => pod.uid === sample?.uid).flatMap(countedBackends);
  const others = new Set(
    bindings.flatMap((binding) => (binding.pod.uid !== sample?.uid && isServing(binding) ? [binding.pod.uid] : [])),
  );
  const offered = new Set([...others].slice(0, SIBLINGS));
  const siblings = bindings
    .filter((binding) => offered.has(binding.pod.uid) && isServing(binding))
    .flatMap(countedBackends);
  return await Promise.all(
    world.sources
      .filter(({ name }) => named?.includes(name) ?? true)
      .map(async (source): Promise<SourceAnswer> => {
        const { name } = source;
        if (backends.length === 0)
          return { name, counts: false, because: 'no pod is bound yet that it could be proved on' };
        const answer = await softly(world, () => source.prove(backends, siblings, { signal: world.signal }));
        if (!answer.known) return { name, counts: false, because: answer.because };
        const failed = answer.value.find(({ countable }) => !countable);
        return {
          name,
          counts: failed === undefined && answer.value.length > 0,
          because: (failed ?? answer.value[0])?.because ?? 'it gave no answer',
        };
      }),
  );
}
