import { switchFlag } from '../../lib/cli/flag.ts';
import { skipDoneFlag, takeOverFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import { UsageError } from '../../lib/core/errors.ts';
import type { SurgeIntent } from '../../lib/core/intent/intent.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { imagesFlag, restartedAtFlag } from '../flags/upgrade-flags.ts';

export const surge = defineVerb({
  readsOnly: false,
  description: [
    'Scales up by COUNT before the first batch, so that capacity never falls, and keeps the former replica count in an annotation. Ends when the new pods are ready and healthy at the load balancer. After the last batch, advance drains them, and restore scales them away once they are at zero.',
    'If the new image is set already, the surplus pods are the first to run it. Run surge before you set the image, or use --dark to keep them out of the traffic.',
  ],
  examples: [
    { comment: 'Add one replica to StatefulSet nginx', command: 'surge nginx' },
    { comment: 'Add four, and give them no traffic', command: 'surge nginx 4 --dark' },
  ],
  positionals: {
    ...targetPositionals,
    count: {
      required: false,
      description: 'COUNT is how many replicas to add; one by default',
      take: (words: readonly string[]) => ({ value: parseCount(words[0] ?? '1'), rest: words.slice(1) }),
    },
  },
  flags: {
    timeout: timeoutFlag('15m'),
    dark: switchFlag({ help: 'Create the surplus pods at weight 0.' }),
    takeOver: takeOverFlag,
    skipDone: skipDoneFlag,
    image: imagesFlag(
      'CONTAINER=IMAGE, with --skip-done: the images of the upgrade. Adds no replicas where every pod runs them. Sets no image.',
    ),
    restartedAt: restartedAtFlag(
      'With --skip-done: the time of the restart that the upgrade carries out. Adds no replicas where every pod has that restart. Begins no restart.',
    ),
    ...noticeFlags,
    ...verbFlags,
  },
  exitCodes: { ...exitCodes.refused, ...exitCodes.conflict, ...exitCodes.notYet, ...exitCodes.interrupted },
  intent: ({ positionals: { target, count }, flags }): SurgeIntent => ({
    ...targetIntent(target.name, flags),
    ...given({ skipDone: flags.skipDone || undefined }),
    ...given({ images: Object.keys(flags.image).length === 0 ? undefined : flags.image }),
    ...given({ restartedAt: flags.restartedAt }),
    count: count ?? 1,
    dark: flags.dark,
    ...given({ takeOver: flags.takeOver || undefined }),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/surge.ts')).surge(world, intent),
});

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new UsageError(
      `"${text}" is not a number of replicas to add`,
      'COUNT is a whole number, 1 or more: surge nginx 2',
    );
  }
  return Number(text);
}
