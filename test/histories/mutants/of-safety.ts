/** Planted faults that cost connections, capacity, or what others wrote. */
import type { Mutant } from './mutant.ts';

export const OF_SAFETY: readonly Mutant[] = [
  {
    name: 'deletes without the proof of zero',
    breaks: 1,
    seed: 3,
    plants: [
      {
        file: 'lib/core/zero/at-zero.ts',
        from: "  if (blocked.length > 0) return 'unknown';",
        to: "  return blocked.length > 0 ? 'unknown' : 'zero';",
      },
    ],
  },
  {
    name: 'believes a proof of zero that is of another pod',
    breaks: 1,
    seed: 60,
    plants: [
      {
        file: 'lib/core/zero/proof.ts',
        from: 'const [containers, backends] = proof.pods[uid] ?? [];',
        to: 'const [containers, backends] = proof.pods[uid] ?? [expected.containers, expected.backends];',
      },
    ],
  },
  {
    name: 'sees no established connection in a pod',
    breaks: 1,
    seed: 2,
    plants: [{ file: 'lib/sources/pod-sockets/connections.ts', from: '  TcpState.established,\n', to: '' }],
  },
  {
    name: 'knows no floor',
    breaks: 2,
    seed: 12,
    plants: [
      {
        file: 'lib/core/safety/floor.ts',
        from: '.filter(({ serving, floor }) => serving.length < floor)',
        to: '.filter(() => false)',
      },
    ],
  },
  {
    name: 'counts the pods that it drains towards the floor',
    breaks: 2,
    seed: 12,
    plants: [
      {
        file: 'lib/core/safety/floor-check.ts',
        from: '.filter((binding) => !drainSet.includes(binding.pod.ordinal) && !binding.pod.terminating)',
        to: '.filter((binding) => !binding.pod.terminating)',
      },
    ],
  },
  {
    name: 'writes weights over a version that it has not read',
    breaks: 3,
    seed: 87,
    plants: [
      {
        file: 'lib/flows/weights/write-weights.ts',
        from: '{ resourceVersion: change.resourceVersion, annotations: change.annotations }',
        to: '{ annotations: change.annotations }',
      },
    ],
  },
  {
    name: 'drops the weights of other StatefulSets',
    breaks: 3,
    seed: 13,
    plants: [
      {
        file: 'lib/core/weights/drain-set.ts',
        from: 'group.statefulSets = [...(group.statefulSets ?? []), entry];',
        to: 'group.statefulSets = [entry];',
      },
    ],
  },
  {
    name: 'writes a label that no one asked for',
    breaks: 3,
    seed: 2,
    plants: [
      {
        file: 'lib/flows/weights/write-weights.ts',
        from: 'annotations: change.annotations } };',
        to: "annotations: change.annotations, labels: { drained: 'yes' } } };",
      },
    ],
  },
  {
    name: 'judges the floor after the write',
    breaks: 2,
    seed: 12,
    plants: [
      {
        file: 'lib/flows/weights/drain-weights.ts',
        from: `  if (refusals.length > 0) throw new RefusedError(refusals);
  await noteNodes(world, intent, facts.set);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);`,
        to: `  await noteNodes(world, intent, facts.set);
  const written = await applyWeights(world, plan, intent.dryRun, earlier);
  if (refusals.length > 0) throw new RefusedError(refusals);`,
      },
    ],
  },
  {
    name: 'takes a gap in the series of the monitor for zeros',
    breaks: 1,
    seed: 229,
    plants: [
      {
        file: 'lib/sources/clb-monitor/points.ts',
        from: 'bySlot.set(slot, { atMs: slot * periodMs, value: null });',
        to: 'bySlot.set(slot, { atMs: slot * periodMs, value: 0 });',
      },
    ],
  },
];
