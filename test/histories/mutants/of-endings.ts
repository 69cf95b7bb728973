/** Planted faults of how a run ends, of what it says, and of its rights. */
import type { Mutant } from './mutant.ts';

export const OF_ENDINGS: readonly Mutant[] = [
  {
    name: 'leaves the former weights recorded',
    breaks: 4,
    seed: 7,
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
    seed: 14,
    plants: [
      {
        file: 'lib/flows/batch/unsurge.ts',
        from: '    replicas: Math.min(former, set.replicas),\n    annotations',
        to: '    replicas: set.replicas,\n    annotations',
      },
    ],
  },
  {
    name: 'takes the first batch for the whole upgrade',
    breaks: 6,
    seed: 5,
    plants: [
      {
        file: 'lib/core/plan/next-step.ts',
        from: '  const next = nextBatch(free, wish.batch);',
        to: '  const next = free.length === regular.length ? nextBatch(free, wish.batch) : [];',
      },
    ],
  },
  {
    name: 'ends with exit code 4 where the world disagrees after a write',
    breaks: 6,
    seed: 21,
    plants: [
      {
        file: 'lib/core/errors.ts',
        from: 'super(ExitCode.disagrees, message, { hint });',
        to: 'super(ExitCode.refused, message, { hint });',
      },
    ],
  },
  {
    name: 'refuses with exit code 4 after a write',
    breaks: 6,
    seed: 152,
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
    seed: 22,
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
    name: 'leaves the former revision recorded',
    breaks: 4,
    seed: 3,
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
    seed: 1,
    plants: [
      {
        file: 'lib/flows/guard/wait-until.ts',
        from: '    await clock.sleep(sleepMs, signal);',
        to: '    await new Promise(() => undefined);',
      },
    ],
  },
  {
    name: 'writes a weight at the load balancer itself',
    breaks: 7,
    seed: 1,
    plants: [
      {
        file: 'lib/clb/clb-load-balancer.ts',
        from: '  const ids = listeners.map((listener) => listener.state.id);',
        to: "  await cloud.call('clb', 'ModifyTargetWeight', {}, { region, signal }).catch(() => undefined);\n  const ids = listeners.map((listener) => listener.state.id);",
      },
    ],
  },
  {
    name: 'shows its token in the traces',
    breaks: 7,
    seed: 8,
    plants: [
      {
        file: 'lib/kube/wire/http-trace.ts',
        from: 'this.mask.header(name, headerText(String(each)))',
        to: 'headerText(String(each))',
      },
    ],
  },
  {
    name: 'shows the variables of the pods',
    breaks: 7,
    seed: 38,
    plants: [
      {
        file: 'lib/core/target/template-diff.ts',
        from: '  return differencesOf(mask(before), mask(after));',
        to: '  return differencesOf(before, after);\n  void mask;',
      },
    ],
  },
  {
    name: 'leaves the emptied node noted',
    breaks: 4,
    seed: 13,
    plants: [
      {
        file: 'lib/flows/upgrade/set-image.ts',
        from: 'const OF_AN_UPGRADE = [FORMER_REVISION, RESTART_BEGUN, LEAVING_NODES] as const;',
        to: 'const OF_AN_UPGRADE = [FORMER_REVISION, RESTART_BEGUN] as const;\nvoid LEAVING_NODES;',
      },
    ],
  },
  {
    name: 'pauses before the place that was asked for',
    breaks: 6,
    seed: 5,
    plants: [
      {
        file: 'lib/core/plan/pause-at.ts',
        from: 'return updated >= at && isSet',
        to: 'return updated + 1 >= at && isSet',
      },
    ],
  },
];
