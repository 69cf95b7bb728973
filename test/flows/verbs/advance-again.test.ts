import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../lib/core/errors.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const RECORD = 'nginx.kubectl-zeroloss/advanced';
const onward = (rehearsal: Rehearsal, more: object = {}) => advance(rehearsal.world, { ...common, ...more });
const renew = ({ world }: Rehearsal) => recreate(world, { ...common, ...zero, evict: false, force: false });
const back = ({ world }: Rehearsal, more: object = {}) =>
  restore(world, { ...common, ...zero, weightsOnly: false, ...more });
const patches = ({ kube }: Rehearsal) =>
  kube.writes.flatMap((call) => {
    const { metadata } = (call.body ?? {}) as { metadata?: { annotations?: Record<string, string | null> } };
    const text = metadata?.annotations?.['service.cloud.tencent.com/lb-rs-weight'];
    return call.resource === 'services' && text !== undefined ? [text] : [];
  });

/** These pods are updated and at weight 0, the others outdated. */
async function recreated(ordinals: number[], options?: Parameters<typeof rehearse>[0]): Promise<Rehearsal> {
  const rehearsal = rehearse(options);
  await drain(rehearsal.world, { ...common, ordinals, minServing: { kind: 'count', count: 0 } });
  await renew(rehearsal);
  return rehearsal;
}
/** Dies after its n-th write of weights. */
function killedAfter(rehearsal: Rehearsal, count: number): void {
  let left = count;
  const { kube } = rehearsal;
  const { patch } = kube;
  kube.patch = async (...call) => {
    const answer = await patch.apply(kube, call);
    if (call[0].plural === 'services' && --left === 0) {
      kube.patch = patch;
      throw new Error('killed');
    }
    return answer;
  };
}
const SECOND = {
  services: [service(), service({ name: 'second', selector: { app: 'nginx' }, ports: [{ port: 81, targetPort: 80 }] })],
};

describe('advance, typed again', () => {
  for (const [name, options, writes] of [
    ['one Service', undefined, 1],
    ['two Services', SECOND, 2],
  ] as const)
    it(`after it was killed behind its last write finds that it has advanced already: ${name}`, async () => {
      const rehearsal = await recreated([0, 1], options);
      killedAfter(rehearsal, writes);
      await assert.rejects(onward(rehearsal), /killed/);
      const text = annotation(rehearsal);
      const { length } = patches(rehearsal);
      const again = await onward(rehearsal);
      assert.deepEqual([again.exitCode, again.changed, again.results[0]?.action], [0, false, 'already advanced']);
      assert.deepEqual(again.details, { back: [], next: [2, 3] });
      assert.equal(annotation(rehearsal), text);
      assert.equal(patches(rehearsal).length, length);
      // The batch is this batch still: it is replaced, and the next one follows.
      await renew(rehearsal);
      assert.deepEqual((await onward(rehearsal)).details, { back: [2, 3], next: [4, 5] });
    });

  it('stays refused where drain has drained the batch, and once anybody has drained more since', async () => {
    const byHand = rehearse();
    await drain(byHand.world, { ...common, ordinals: [0, 1] });
    await assert.rejects(onward(byHand), RefusedError);
    const more = await recreated([0, 1]);
    await onward(more);
    await drain(more.world, { ...common, ordinals: [4] });
    await assert.rejects(onward(more), RefusedError);
    assert.equal(annotation(more, 'nginx', RECORD), undefined);
  });

  it('is refused once the template has changed since: another revision is another batch', async () => {
    const rehearsal = await recreated([0]);
    await onward(rehearsal);
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const record = JSON.parse(metadata.annotations?.[RECORD] ?? '{}');
      metadata.annotations = {
        ...metadata.annotations,
        [RECORD]: JSON.stringify({ ...record, revision: 'nginx-old' }),
      };
    });
    await assert.rejects(onward(rehearsal), RefusedError);
  });

  it('leaves nothing behind: the record goes with the last batch, and with restore', async () => {
    const last = await recreated([9], { updated: [0, 1, 2, 3, 4, 5, 6, 7, 8] });
    assert.equal((await onward(last)).exitCode, 3);
    assert.equal(annotation(last, 'nginx', RECORD), undefined);
    const midway = await recreated([0]);
    await onward(midway);
    assert.match(annotation(midway, 'nginx', RECORD) ?? '', /"format":1,"back":\[0\],"next":\[1\]/);
    await back(midway);
    assert.equal(annotation(midway, 'nginx', RECORD), undefined);
  });

  it('neither trusts nor erases a record of another format', async () => {
    const unknown = '{"format":2,"next":[0,1]}';
    const rehearsal = await recreated([0]);
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [RECORD]: unknown };
    });
    assert.deepEqual((await onward(rehearsal)).details, { back: [0], next: [1] });
    await assert.rejects(onward(rehearsal), RefusedError);
    await back(rehearsal);
    assert.equal(annotation(rehearsal, 'nginx', RECORD), unknown);
  });
});

describe('advance right after recreate', () => {
  it('waits for the first checks of the load balancer, at most until the time-out', async () => {
    for (const probedMs of [20_000, 120_000]) {
      const rehearsal = await recreated([0, 1]);
      const { balancer, clock } = rehearsal;
      const beganMs = clock.now();
      balancer.health.set('nginx-1', 'probing');
      clock.at(beganMs - clock.startMs + probedMs, () => void balancer.health.set('nginx-1', 'alive'));
      if (probedMs < common.timeoutMs) await onward(rehearsal);
      else await assert.rejects(onward(rehearsal), /nginx-1 of this batch is not healthy .*probing/);
      assert.equal(patches(rehearsal).length, probedMs < common.timeoutMs ? 2 : 1);
    }
  });
});

describe('advance before the load balancer has bound a replacement', () => {
  it('waits until it has, at most until the time-out', async () => {
    for (const boundMs of [20_000, 120_000]) {
      const rehearsal = await recreated([0, 1]);
      const { balancer, clock } = rehearsal;
      balancer.unbound.add('nginx-1');
      clock.at(clock.now() - clock.startMs + boundMs, () => void balancer.unbound.delete('nginx-1'));
      if (boundMs < common.timeoutMs) await onward(rehearsal);
      else await assert.rejects(onward(rehearsal), /nginx-1/);
      assert.equal(patches(rehearsal).length, boundMs < common.timeoutMs ? 2 : 1);
    }
  });
});

describe('advance where one write could show fewer than the floor', () => {
  it('gives back, sees that at the load balancer, and only then drains', async () => {
    const rehearsal = await recreated([0, 1, 2, 3, 4, 5]);
    const before = patches(rehearsal).length;
    const outcome = await onward(rehearsal, { batch: 4 });
    const [first, second, ...rest] = patches(rehearsal).slice(before);
    assert.deepEqual([first, rest], [null, []]);
    assert.match(second ?? '', /"weight":0,"podIndexes":\[6,7,8,9\]/);
    assert.deepEqual([outcome.exitCode, outcome.changed], [0, true]);
    assert.deepEqual(outcome.details, { back: [0, 1, 2, 3, 4, 5], next: [6, 7, 8, 9] });
    assert.match(rehearsal.report.text, /weights back for ordinals 0-5 first/);
  });
  it('does it in one write where the floor holds meanwhile', async () => {
    const rehearsal = await recreated([0]);
    const before = patches(rehearsal).length;
    await onward(rehearsal);
    assert.equal(patches(rehearsal).length, before + 1);
  });
  it('killed between the two goes on with the batch that it had chosen, of the size that was asked for', async () => {
    const rehearsal = await recreated([0, 1, 2, 3, 4, 5]);
    killedAfter(rehearsal, 1);
    await assert.rejects(onward(rehearsal, { batch: 4 }), /killed/);
    assert.equal(annotation(rehearsal), undefined);
    assert.deepEqual((await onward(rehearsal)).details, { back: [], next: [6, 7, 8, 9] });
  });
});

describe('a backend that the annotation takes the weight from', () => {
  for (const minServing of [undefined, { kind: 'count', count: 1 }] as const)
    it(`serves no more, though the load balancer shows it still (floor ${minServing?.count ?? 'by default'})`, async () => {
      const rehearsal = rehearse();
      await rehearsal.balancer.observe({ id: 'lb-nginx' });
      rehearsal.balancer.asleep = true;
      rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        const text = JSON.stringify({ defaultWeight: 0 });
        metadata.annotations = { ...metadata.annotations, 'service.cloud.tencent.com/lb-rs-weight': text };
      });
      await assert.rejects(
        drain(rehearsal.world, { ...common, ordinals: [0, 1], ...(minServing === undefined ? {} : { minServing }) }),
        (error: unknown) =>
          error instanceof RefusedError &&
          ['floor', 'some-weight'].every((rule) => error.refusals.some((each) => each.rule === rule)),
      );
    });
  it('drain of all without a floor says that nothing serves now, and restore of what is not ready that no pod does', async () => {
    const all = Array.from({ length: 10 }, (_, ordinal) => ordinal);
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: all, minServing: { kind: 'count', count: 0 } });
    assert.match(rehearsal.report.text, /nothing serves now at service\/nginx TCP\/80/);
    const down = rehearse({ service: { rsWeight: JSON.stringify({ defaultWeight: 0 }) } });
    await back(down);
    assert.match(down.report.text, /no pod serves service\/nginx TCP.80 now/);
  });
});

describe('the next command that advance names', () => {
  const next = async (rehearsal: Rehearsal, more: object = {}) => (await onward(rehearsal, more)).next.map(String);

  it('is no wait where no pod is drained, and none at all once there is nothing to clear up', async () => {
    const rehearsal = rehearse({ settled: true });
    assert.deepEqual(await next(rehearsal, { to: [3] }), []);
    assert.deepEqual(await next(rehearsal), []);
  });

  it('is restore after the last batch, and none after that restore', async () => {
    const rehearsal = await recreated([0, 1], { replicas: 2 });
    assert.deepEqual(await next(rehearsal), ['kubectl zeroloss restore nginx']);
    await back(rehearsal);
    assert.deepEqual(await next(rehearsal), []);
  });
});
