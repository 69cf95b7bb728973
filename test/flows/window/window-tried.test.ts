/** A window whose write of a drain fails halfway, or whose answer is lost. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, ConnectionError, StatusError, type ZerolossError } from '../../../lib/core/errors.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';
import { crashLoops } from '../rehearsal/troubles.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const lost = () => new ConnectionError('the connection was reset', { retryable: true });
const outer = () => service({ name: 'outer', selector: { app: 'nginx' } });

/** The first drain of this Service fails. `isWritten`: the write is taken, and its answer is lost. */
function failsOnce({ kube }: Rehearsal, on: string, error: () => Error, isWritten = false): void {
  const patch = kube.patch.bind(kube);
  let isFirst = true;
  kube.patch = async (...call) => {
    const [resource, name, body] = call;
    const isDrain = resource.plural === SERVICES.plural && name === on && JSON.stringify(body).includes('podIndexes');
    if (!isFirst || !isDrain) return patch(...call);
    isFirst = false;
    if (isWritten) await patch(...call);
    throw error();
  };
}

describe('a drain of the window that fails after a part of it was written', () => {
  it('counts against what the person has agreed to: no pod is begun before the next question', async () => {
    const busy = () => new StatusError(503, 'ServiceUnavailable', 'the server is busy');
    const conflict = () => new StatusError(409, 'Conflict', 'the object has been modified');
    for (const fails of [
      (rehearsal: Rehearsal) => failsOnce(rehearsal, 'outer', conflict),
      (rehearsal: Rehearsal) => failsOnce(rehearsal, 'outer', busy),
      (rehearsal: Rehearsal) => failsOnce(rehearsal, 'nginx', lost, true),
    ]) {
      const rehearsal = rehearse({ replicas: 6, services: [service(), outer()] });
      fails(rehearsal);
      const deleted: number[] = [];
      const confirm = async () => deleted.push(deletions(rehearsal).length) > 0;
      const { results } = await upgrade({ ...rehearsal.world, confirm }, { ...windowOfThree, yes: false, askEvery: 2 });
      assert.deepEqual(deleted, [0, 2, 4]);
      const drained = results.filter(({ action }) => action === 'drained').map(({ object }) => object);
      assert.deepEqual(
        drained,
        Array.from({ length: 6 }, (_, ordinal) => `pod/nginx-${ordinal}`),
      );
    }
  });

  it('is a drain of this run all the same: it ends with a conflict where another writer gives the weight back', async () => {
    const rehearsal = rehearse();
    failsOnce(rehearsal, 'nginx', lost, true);
    for (const ordinal of [0, 1, 2]) rehearsal.source.counts.set(`nginx-${ordinal}`, 2);
    rehearsal.clock.at(
      60_000,
      async () => void (await restore(rehearsal.world, { ...common, ...zero, ordinals: [1], weightsOnly: true })),
    );
    await assert.rejects(upgrade(rehearsal.world, windowOfThree), ConflictError);
  });

  it('is a result of the run, whatever ends it', async () => {
    const rehearsal = rehearse({ replicas: 4, services: [service(), outer()] });
    const { kube, source, clock } = rehearsal;
    source.counts.set('nginx-1', (nowMs) => (nowMs < clock.startMs + 60_000 ? 2 : 0));
    crashLoops(rehearsal);
    const crashed = kube.replacement;
    kube.replacement = (name) => (name === 'nginx-0' ? {} : crashed?.(name));
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      if (call[1] === 'outer' && /podIndexes[^\]]*2/.test(JSON.stringify(call[2])))
        throw new StatusError(403, 'Forbidden', 'services "outer" is forbidden');
      return patch(...call);
    };
    const error = await upgrade(rehearsal.world, {
      ...windowOfThree,
      maxUnavailable: { kind: 'count', count: 2 },
    }).then(
      () => assert.fail('the upgrade did not stop'),
      (reason: ZerolossError) => reason,
    );
    assert.match(error.message, /not well: pod\/nginx-1.*forbidden/);
    const written = error.results.map(({ object, action }) => `${object} ${action}`);
    assert.ok(written.includes('service/nginx weights written'), written.join());
  });
});

it('ends with the floor that refuses to drain pods on a further Service, once nothing else is on its way', async () => {
  for (const timeoutMs of [0, 3_600_000]) {
    const rehearsal = rehearse();
    const { clock, kube, source, balancer } = rehearsal;
    for (const ordinal of [0, 1, 2]) source.counts.set(`nginx-${ordinal}`, 2);
    clock.at(20_000, () => {
      kube.put(outer());
      for (const ordinal of [5, 6, 7, 8, 9]) balancer.health.set(`nginx-${ordinal}`, 'dead');
    });
    await assert.rejects(
      upgrade(rehearsal.world, { ...windowOfThree, timeoutMs, minServing: { kind: 'count', count: 4 } }),
      /floor|at least|--min-serving/,
    );
    assert.ok(clock.now() - clock.startMs < 300_000);
    assert.deepEqual(deletions(rehearsal), []);
  }
});
