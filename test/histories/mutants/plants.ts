/**
 * Faults planted into the program's own sources, to prove that the histories can fail. The shipped sources hold no switch for
 * any of this: a plant replaces a text of a source as it is bundled.
 */
import type { Plant } from '../campaign/bundle.ts';
import type { Invariant } from '../invariants/violation.ts';

export interface Mutant {
  name: string;
  /** The invariant that it breaks. */
  breaks: Invariant;
  /** A history that finds it; `make histories-mutants` searches for one. */
  seed: number;
  plants: readonly Plant[];
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'deletes without the proof of zero',
    breaks: 1,
    seed: 5,
    plants: [
      {
        file: 'lib/core/zero/at-zero.ts',
        from: "  if (blocked.length > 0) return 'unknown';",
        to: "  return blocked.length > 0 ? 'unknown' : 'zero';",
      },
    ],
  },
  {
    name: 'sees no established connection in a pod',
    breaks: 1,
    seed: 23,
    plants: [{ file: 'lib/sources/pod-sockets/connections.ts', from: '  TcpState.established,\n', to: '' }],
  },
  {
    name: 'knows no floor',
    breaks: 2,
    seed: 13,
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
    seed: 13,
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
    seed: 357,
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
    seed: 14,
    plants: [
      {
        file: 'lib/core/weights/drain-set.ts',
        from: 'group.statefulSets = [...(group.statefulSets ?? []), entry];',
        to: 'group.statefulSets = [entry];',
      },
    ],
  },
  {
    name: 'leaves the former weights recorded',
    breaks: 4,
    seed: 17,
    plants: [
      {
        file: 'lib/core/weights/plan-weights.ts',
        from: "[own.former]: done ? null : (former?.text ?? ''),",
        to: "[own.former]: former?.text ?? '',",
      },
    ],
  },
  {
    name: 'keeps the surplus when it forgets the surge',
    breaks: 4,
    seed: 159,
    plants: [
      {
        file: 'lib/flows/batch/unsurge.ts',
        from: 'await writeReplicas(world, intent, facts, Math.min(former, set.replicas), {',
        to: 'await writeReplicas(world, intent, facts, set.replicas, {',
      },
    ],
  },
  {
    name: 'takes the first batch for the whole upgrade',
    breaks: 6,
    seed: 2,
    plants: [
      {
        file: 'lib/core/plan/next-step.ts',
        from: '  const next = nextBatch(free, wish.batch);',
        to: '  const next = free.length === regular.length ? nextBatch(free, wish.batch) : [];',
      },
    ],
  },
  {
    name: 'refuses with exit code 4 after a write',
    breaks: 6,
    seed: 13,
    plants: [
      {
        file: 'lib/core/outcome/unfinished.ts',
        from: '  if (isRefusal) {',
        to: '  if (isRefusal) return error;\n  if (isRefusal) {',
      },
    ],
  },
  {
    name: 'names a command that there is not',
    breaks: 6,
    seed: 6,
    plants: [
      {
        file: 'lib/core/outcome/unfinished.ts',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
        from: "way('look', advice`to see where it stands: ${own('status', name)}`)",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text.
        to: "way('look', advice`to see where it stands: ${own('state', name)}`)",
      },
    ],
  },
  {
    name: 'looks at pods beyond its namespace',
    breaks: 7,
    seed: 1,
    plants: [
      {
        file: 'lib/flows/target/gather.ts',
        from: 'kube.list(PODS, { labelSelector: set.selectorText, signal })',
        to: "kube.list(PODS, { labelSelector: set.selectorText, signal, namespace: '*' })",
      },
    ],
  },
  {
    name: 'writes a label that no one asked for',
    breaks: 3,
    seed: 1,
    plants: [
      {
        file: 'lib/flows/weights/write-weights.ts',
        from: 'annotations: change.annotations } };',
        to: "annotations: change.annotations, labels: { drained: 'yes' } } };",
      },
    ],
  },
  {
    name: 'leaves the former revision recorded',
    breaks: 4,
    seed: 2,
    plants: [
      {
        file: 'lib/flows/upgrade/finished.ts',
        from: '    await forgetFormerRevision(world, set);',
        to: '    void set;\n    void forgetFormerRevision;',
      },
    ],
  },
  {
    name: 'never looks again',
    breaks: 5,
    seed: 2,
    plants: [
      {
        file: 'lib/flows/guard/wait-until.ts',
        from: '    await clock.sleep(sleepMs, signal);',
        to: '    await new Promise(() => undefined);',
      },
    ],
  },
];
