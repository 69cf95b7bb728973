/** The window killed before and after each of its writes, in memory; the end-to-end suite does the same with whole processes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import type { Kube } from '../../../lib/ports.ts';
import { annotation, deletions, type Rehearsal, rehearse } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const PODS = ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3'];
const WRITES = new Set<PropertyKey>(['create', 'patch', 'delete']);
const windowOfTwo = { ...windowOfThree, maxUnavailable: { kind: 'count', count: 2 } as const };

/** A client whose process dies at its nth write, before or after the server has it: from then on no call is made. */
function dying(kube: Kube, nth: number, moment: 'before' | 'after'): { kube: Kube; isDead: () => boolean } {
  let writes = 0;
  let isDead = false;
  const killed = () => new Error('killed');
  const call =
    (key: PropertyKey, method: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (isDead) throw killed();
      const isDue = WRITES.has(key) && ++writes === nth;
      if (isDue) isDead = true;
      if (isDue && moment === 'before') throw killed();
      const answer = await method.apply(kube, args);
      if (isDue) throw killed();
      return answer;
    };
  const proxy = new Proxy(kube, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' && key !== 'clockAheadMs' ? call(key, value as never) : value;
    },
  });
  return { kube: proxy, isDead: () => isDead };
}

const drained = (rehearsal: Rehearsal): number =>
  (/"podIndexes":\[([\d,]+)\]/.exec(annotation(rehearsal) ?? '')?.[1] ?? '').split(',').filter((each) => each !== '')
    .length;

describe('an upgrade by a window that is killed', () => {
  for (const moment of ['before', 'after'] as const)
    it(`${moment} any of its writes goes on when it is typed again: each pod deleted once, never more than the window at 0, nothing left behind`, async () => {
      let kills = 0;
      for (let nth = 1; ; nth++) {
        const rehearsal = rehearse({ replicas: 4 });
        let most = 0;
        rehearsal.kube.beforeWrite(() => {
          most = Math.max(most, drained(rehearsal));
        });
        const { kube, isDead } = dying(rehearsal.kube, nth, moment);
        const first = await upgrade({ ...rehearsal.world, kube }, windowOfTwo).then(
          () => 'ended',
          (error: unknown) => String(error),
        );
        if (!isDead()) {
          assert.equal(first, 'ended');
          break;
        }
        kills++;
        await upgrade(rehearsal.world, windowOfTwo);
        assert.deepEqual(deletions(rehearsal).sort(), PODS, `killed ${moment} write ${nth}`);
        assert.equal(annotation(rehearsal), undefined, `killed ${moment} write ${nth}`);
        assert.ok(most <= 2, `killed ${moment} write ${nth}: ${most} at 0`);
      }
      assert.ok(kills >= 12, `${kills} writes`);
    });
});
