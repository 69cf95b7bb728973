import { switchFlag } from '../../lib/cli/flag.ts';
import {
  allowAloneFlag,
  ignoreIngressFlag,
  minServingFlag,
  takeOverFlag,
  timeoutFlag,
} from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { ScaleIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { zeroIntent } from '../flags/zero-intent.ts';

const ACCEPTED = 'REPLICAS is the new number of replicas: scale nginx 4';

export const scale = defineVerb({
  readsOnly: false,
  showsWhere: true,
  description: [
    'Fewer replicas: drains the pods that go, waits until they are at zero, scales them away, and removes their weights of 0, so that a later scale-out starts with traffic. The pods with the highest ordinals go, as in every StatefulSet.',
    'More replicas: only scales.',
    'Refuses during a surge, if an autoscaler owns the replicas, or if fewer backends would serve than the floor of the replicas that stay. Refuses also if the volumes of the pods would be deleted (whenScaled: Delete), unless --delete-claims or a yes allows it.',
  ],
  examples: [
    { comment: 'Scale StatefulSet nginx in to four replicas', command: 'scale nginx 4' },
    { comment: 'Show which pods would go, and write nothing', command: 'scale nginx 4 --dry-run=client' },
    { comment: 'Keep at least three backends serving', command: 'scale nginx 4 --min-serving 3' },
  ],
  positionals: {
    ...targetPositionals,
    replicas: {
      required: true,
      description: ACCEPTED,
      take: (words: readonly string[]) => ({ value: parseReplicas(words[0] ?? ''), rest: words.slice(1) }),
    },
  },
  flags: {
    timeout: timeoutFlag('30m'),
    minServing: minServingFlag,
    deleteClaims: switchFlag({
      help: 'Let the volumes of the pods that go be deleted with them, where the StatefulSet says whenScaled: Delete.',
    }),
    ignoreIngress: ignoreIngressFlag,
    allowAlone: allowAloneFlag,
    ...zeroSourceFlags,
    takeOver: takeOverFlag,
    ...noticeFlags,
    ...verbFlags,
  },
  exitCodes: exitCodes.asksAndWrites,
  intent: ({ positionals: { target, replicas }, flags }): ScaleIntent => ({
    ...targetIntent(target.name, flags),
    ...zeroIntent(flags),
    replicas,
    ...given({
      minServing: flags.minServing,
      ignoreIngress: flags.ignoreIngress || undefined,
      allowAlone: flags.allowAlone,
      deleteClaims: flags.deleteClaims || undefined,
      takeOver: flags.takeOver || undefined,
    }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/scale.ts')).scale(world, intent),
});

function parseReplicas(text: string): number {
  if (/^(0|[1-9]\d{0,5})$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is not a number of replicas`, ACCEPTED);
}
