import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { RefusedError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import { common, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const FORMER = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx', uid: 'former', controller: true };
const OWNERS = { orphan: [], former: [FORMER], relabelled: [] };
const giveBack = { ...common, ...zero, weightsOnly: false };
const NO_FLOOR = { kind: 'count', count: 0 } as const;

const settled = () => rehearse({ settled: true, replicas: 4 });

async function surged(count = 1): Promise<Rehearsal> {
  const rehearsal = settled();
  await surge(rehearsal.world, { ...common, count, dark: false });
  return rehearsal;
}

/** As a StatefulSet has left them that was deleted without its pods and made anew, with another selector too, or as another owner's. Each has connections. */
function disown({ kube, source }: Rehearsal, ordinals: readonly number[], owner: keyof typeof OWNERS = 'orphan'): void {
  for (const ordinal of ordinals) {
    source.counts.set(`nginx-${ordinal}`, 5);
    kube.edit(PODS, `nginx-${ordinal}`, ({ metadata }) => {
      metadata.ownerReferences = OWNERS[owner];
      if (owner === 'relabelled') metadata.labels = { app: 'former' };
    });
  }
}

const notOwned =
  (names: RegExp, hint?: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RefusedError &&
    error.refusals.length === 1 &&
    error.refusals.every(({ rule, message }) => rule === 'pods-owned' && names.test(message)) &&
    (hint === undefined || hint.test(error.hint ?? ''));

for (const owner of ['orphan', 'former', 'relabelled'] as const)
  describe(`a pod of the target's names that it does not own (${owner})`, () => {
    for (const dryRun of ['none', 'server', 'client'] as const)
      it(`is not scaled away, by --dry-run=${dryRun}: no one counts its connections`, async () => {
        const rehearsal = settled();
        disown(rehearsal, [2, 3], owner);
        await assert.rejects(
          scale(rehearsal.world, { ...common, ...zero, replicas: 2, dryRun }),
          notOwned(/nginx-2, nginx-3, which/),
        );
        assert.equal(replicas(rehearsal), 4);
        assert.deepEqual(rehearsal.kube.writes, []);
      });

    it('keeps the surplus of a surge where it is, and restore names the way to leave it', async () => {
      for (const dryRun of ['none', 'server', 'client'] as const) {
        const rehearsal = await surged();
        disown(rehearsal, [4], owner);
        await assert.rejects(
          restore(rehearsal.world, { ...giveBack, dryRun }),
          notOwned(/the pod nginx-4, which/, /restore nginx --weights-only/),
        );
        assert.equal(replicas(rehearsal), 5);
      }
    });

    it('keeps it where it is at the end of upgrade too', async () => {
      const rehearsal = await surged();
      disown(rehearsal, [4], owner);
      await assert.rejects(upgrade(rehearsal.world, upgradeIntent()), notOwned(/nginx-4/));
      assert.equal(replicas(rehearsal), 5);
    });

    it('is not waited for by recreate, which names it at once', async () => {
      const rehearsal = rehearse({ replicas: 4 });
      await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
      disown(rehearsal, [1], owner);
      const wish = { ...common, ...zero, force: false, evict: false, takeOver: false };
      await assert.rejects(recreate(rehearsal.world, wish), notOwned(/nginx-1/));
      assert.deepEqual(deletions(rehearsal), []);
      await assert.rejects(
        waitZero(rehearsal.world, wish),
        /pod nginx-1 (is not one of statefulset\/nginx|does not exist)/,
      );
    });
  });

it('a pod that loses its owner while the others that go with it come to zero is not scaled away', async () => {
  const rehearsal = settled();
  rehearsal.source.counts.set('nginx-2', (nowMs) => (nowMs < rehearsal.clock.startMs + 20_000 ? 1 : 0));
  rehearsal.clock.at(25_000, () => disown(rehearsal, [3]));
  await assert.rejects(
    scale(rehearsal.world, { ...common, ...zero, replicas: 2 }),
    (error: unknown) => error instanceof Error && /nginx-3/.test(error.message),
  );
  assert.equal(replicas(rehearsal), 4);
});

it('a surplus pod that comes into being between the look and the write that takes it away keeps its place', async () => {
  const rehearsal = await surged();
  const { kube, clock } = rehearsal;
  const late = kube.object(PODS, 'nginx-4') ?? assert.fail();
  kube.remove(PODS, 'nginx-4');
  const patch = kube.patch.bind(kube);
  kube.patch = async (resource, name, body, options) => {
    if ('spec' in body) {
      await clock.sleep(10_000, rehearsal.world.signal);
      kube.put(late);
    }
    return patch(resource, name, body, options);
  };
  await assert.rejects(restore(rehearsal.world, giveBack), /pod\/nginx-4 was not there/);
  assert.equal(replicas(rehearsal), 5);
});

it('no verb takes replicas away while a pod beyond them is not the StatefulSet’s own, and each does where all are (law)', async () => {
  const owner = fc.constantFrom('own', 'orphan', 'former', 'relabelled');
  const owners = fc.array(owner, { minLength: 6, maxLength: 6 });
  const scaleTo = (rehearsal: Rehearsal, count: number) =>
    scale(rehearsal.world, { ...common, ...zero, replicas: count, minServing: NO_FLOOR, allowAlone: ['nginx'] });
  await fc.assert(
    fc.asyncProperty(owners, fc.nat(3), fc.boolean(), async (owned, wanted, isSurge) => {
      const rehearsal = isSurge ? await surged(2) : settled();
      const [all, stay] = isSurge ? [6, 4] : [4, wanted];
      if (isSurge) await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
      const strangers = [...owned.entries()].filter(([ordinal, each]) => ordinal < all && each !== 'own');
      for (const [ordinal, each] of strangers) disown(rehearsal, [ordinal], each as keyof typeof OWNERS);
      const run = isSurge ? restore(rehearsal.world, giveBack) : scaleTo(rehearsal, wanted);
      await run.catch((error: unknown) => assert.ok(error instanceof RefusedError, String(error)));
      const now = replicas(rehearsal);
      if (strangers.some(([ordinal]) => ordinal >= stay)) assert.equal(now, all);
      else if (strangers.length === 0) assert.equal(now, stay);
      else assert.ok(now === all || now === stay);
    }),
    { numRuns: 100 },
  );
});

it('one file sends the replicas of a StatefulSet, and one the deletion of a pod, so that no verb can leave the rules out', () => {
  const holding = (text: RegExp) =>
    globSync('lib/flows/**/*.ts').filter((file) => text.test(readFileSync(file, 'utf8')));
  assert.deepEqual(holding(/spec: \{ replicas/), ['lib/flows/batch/scale-away.ts']);
  assert.deepEqual(holding(/kube\s*\.delete\(PODS|subresource: 'eviction'/), ['lib/flows/batch/delete-pod.ts']);
});
