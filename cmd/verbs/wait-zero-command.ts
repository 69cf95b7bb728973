import { switchFlag } from '../../lib/cli/flag.ts';
import { optionalOrdinalsPositional } from '../../lib/cli/positionals.ts';
import { skipDoneFlag, timeoutFlag } from '../../lib/cli/verb-flags.ts';
import type { WaitZeroIntent } from '../../lib/core/intent/intent.ts';
import { toGoOn } from '../../lib/core/values/way.ts';
import { defineVerb } from '../define-verb.ts';
import { given } from '../flags/given.ts';
import { noticeFlags } from '../flags/notice-flags.ts';
import { zeroSourceFlags } from '../flags/source-flags.ts';
import { exitCodes, targetIntent, targetPositionals, verbFlags } from '../flags/target-flags.ts';
import { ordinalsIntent, refuseUnreadable, zeroIntent } from '../flags/zero-intent.ts';

const anyFlag = switchFlag({
  help: 'End as soon as at least one of the pods is at zero, and name those that are. Pods that are updated already do not count. Surplus pods count only once no other pod is left; then all of them have to be at zero.',
});

export const waitZero = defineVerb({
  readsOnly: false,
  description: [
    'A pod is at zero when the load balancer shows weight 0 for it on every listener, and every source has read zero, with no sample missing, for the whole of --stable-for. A missing number is unknown, never zero.',
    'Without ORDINALS it waits for all drained pods. It touches no weight and no pod, so you can stop it and run it again at any time.',
    'At its end it leaves its proof on the Services, so that recreate, started within seconds, need not fill --stable-for again.',
    'By default it counts with every available source: clb (Cloud Monitor), pod (the sockets inside the pods, by exec), metrics (a gauge of the pods, with --metric). It always reads weight 0 from the load balancer, so --source pod needs cloud credentials too.',
  ],
  examples: [
    { comment: 'Wait for all drained pods of StatefulSet nginx', command: 'wait-zero nginx' },
    {
      comment: 'Wait at most an hour, for a full minute at zero',
      command: 'wait-zero nginx --timeout 1h --stable-for 1m',
    },
    {
      comment: 'Count in the pods only, and list the peers that still have connections open',
      command: 'wait-zero nginx --source pod',
    },
    {
      comment: 'Also count by a gauge that the pods serve on port 9113',
      command: 'wait-zero nginx --metric nginx_connections_active --metrics-port 9113',
    },
    { comment: 'Wait until at least one of them is at zero', command: 'wait-zero nginx --any' },
    {
      comment: 'Accept the two connections that health checks are known to keep open',
      command: 'wait-zero nginx 0,1 --max-connections 2',
    },
  ],
  positionals: { ...targetPositionals, ordinals: optionalOrdinalsPositional },
  flags: {
    timeout: timeoutFlag('30m'),
    any: anyFlag,
    skipDone: skipDoneFlag,
    ...zeroSourceFlags,
    ...noticeFlags,
    ...verbFlags,
  },
  exitCodes: {
    ...exitCodes.refused,
    5: 'another writer replaced a pod during the wait, or gave it weight again',
    ...exitCodes.notYet,
    ...exitCodes.interrupted,
  },
  checks: [(_, args) => refuseUnreadable(args?.ordinals, args?.target.name)],
  intent: ({ positionals: { target, ordinals }, flags }): WaitZeroIntent => ({
    ...targetIntent(target.name, flags),
    leavesProof: true,
    ...given({ any: flags.any || undefined }),
    ...given({ skipDone: flags.skipDone || undefined }),
    ...zeroIntent(flags),
    ...ordinalsIntent(ordinals, target.name),
  }),
  interrupted: ({ flags: { debugImage } }) => ({
    message: `changed no weight and deleted no pod; what remains: the time at which it saw weight 0, on the Services${debugImage === undefined ? '' : ', and the debug containers'}`,
    hint: toGoOn('the same command again'),
  }),
  flow: async (world, intent) => (await import('../../lib/flows/verbs/wait-zero.ts')).waitZero(world, intent),
});
