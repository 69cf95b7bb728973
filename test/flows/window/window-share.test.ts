/** A share of the replicas as the size of a window: what it is at each look, and in the script of a plan. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { planScript } from '../../../lib/core/plan/script.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { annotation, common, rehearse, upgradeIntent } from '../rehearsal/rehearsal.ts';

const quarter = { kind: 'percent', percent: 25 } as const;
const zeros = (text: string | undefined): number[] =>
  [...(text ?? '').matchAll(/"weight":0,"podIndexes":\[([\d,]*)\]/g)].flatMap(([, all]) =>
    (all ?? '').split(',').map(Number),
  );

describe('a window as a share of the replicas', () => {
  it('is of the replicas that there are now: it shrinks when another writer scales in', async () => {
    const run = rehearse({ replicas: 8 });
    const { kube, clock, signal } = { ...run, signal: new AbortController().signal };
    const patch = kube.patch.bind(kube);
    let isScaled = false;
    let most = 0;
    kube.patch = async (...call) => {
      const after = await patch(...call);
      // The two that were out at that moment stay out until they are done.
      if (call[0] === SERVICES && isScaled)
        most = Math.max(most, zeros(annotation(run)).filter((ordinal) => ordinal > 1).length);
      return after;
    };
    clock.at(5_000, () => {
      isScaled = true;
      void patch(STATEFUL_SETS, 'nginx', { spec: { replicas: 4 } }, { type: 'merge', signal });
    });
    await upgrade(run.world, upgradeIntent({ maxUnavailable: quarter }));
    assert.ok(isScaled);
    assert.equal(most, 1);
  });

  it('stays a share in the script, whose head names both', async () => {
    const wish = { ...common, images: { nginx: 'nginx:2' }, batch: 1, surge: 0, soakMs: 0, stableForMs: 10_000 };
    const { details } = await plan(rehearse({ replicas: 8 }).world, {
      ...wish,
      countingWords: [],
      maxUnavailable: quarter,
    });
    const script = planScript(details);
    assert.match(script, /advance nginx --max-unavailable 25% /);
    assert.match(script, /at most 25% of the replicas \(2 pods when it was made\) out of service at a time/);
    assert.deepEqual(details.window, { maxUnavailable: 2, share: '25%', startsTogether: 2 });
  });
});
