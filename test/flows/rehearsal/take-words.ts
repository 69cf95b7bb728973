/** The steps of a script, each taken as the flow of its verb. */
import assert from 'node:assert/strict';
import { parseOrdinals } from '../../../lib/core/target/ordinals.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { verify } from '../../../lib/flows/verbs/verify.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { common, type Rehearsal, zero } from './rehearsal.ts';

/** The step of a script, as its flow. */
export async function take({ world, kube }: Rehearsal, words: readonly string[]): Promise<unknown> {
  const [verb = '', name = '', which = ''] = words;
  const after = (flag: string) => words[words.indexOf(flag) + 1] ?? '';
  const ordinalsIn = (text: string) => (/^[0-9,-]+$/.test(text) ? { ordinals: parseOrdinals(text, 'nginx') } : {});
  const again = { ...common, ...(words.includes('--skip-done') ? { skipDone: true } : {}) };
  switch (verb) {
    case 'patch':
      return kube.patch(STATEFUL_SETS, name.split('/')[1] ?? '', JSON.parse(after('-p')), { type: 'merge' });
    case 'surge':
      return surge(world, { ...again, count: Number(which), dark: false });
    case 'drain':
      return drain(world, { ...again, ordinals: [], ...ordinalsIn(which) });
    case 'wait-zero':
      return waitZero(world, { ...again, ...zero, ...ordinalsIn(which) });
    case 'recreate':
      return recreate(world, { ...again, ...zero, evict: false, force: false, ...ordinalsIn(which) });
    case 'verify':
      return verify(world, { ...common, ...ordinalsIn(which), forMs: 0 });
    case 'advance': {
      const to = words.includes('--to') ? { to: parseOrdinals(after('--to'), 'nginx') } : {};
      return advance(world, { ...common, from: parseOrdinals(after('--from'), 'nginx'), ...to });
    }
    case 'restore':
      return restore(world, { ...common, ...zero, weightsOnly: false });
    default:
      return assert.fail(`no step ${words.join(' ')}`);
  }
}
