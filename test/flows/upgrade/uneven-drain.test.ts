import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, StatusError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { common, deletions, type Rehearsal, RS_WEIGHT, rehearse } from '../rehearsal/rehearsal.ts';
import { windowOfThree } from '../rehearsal/windows.ts';

const outer = () => service({ name: 'outer', selector: { app: 'nginx' } });
const { maxUnavailable: _window, ...alike } = windowOfThree;
const batches: UpgradeIntent = { ...alike, batch: 3 };
const ways = [
  ['in a window', windowOfThree],
  ['in batches', batches],
] as const;
const secondsGone = ({ clock }: Rehearsal): number => (clock.now() - clock.startMs) / 1000;

/** The first three pods keep connections for a minute; `happens` after twenty seconds of it. */
function busy(happens: (rehearsal: Rehearsal) => unknown, services: KubeObject[] = [service()]): Rehearsal {
  const rehearsal = rehearse({ services });
  const { clock, source } = rehearsal;
  for (const ordinal of [0, 1, 2])
    source.counts.set(`nginx-${ordinal}`, (nowMs) => (nowMs < clock.startMs + 60_000 ? 2 : 0));
  clock.at(20_000, () => void happens(rehearsal));
  return rehearsal;
}

const scaleTo = (count: number, { kube }: Rehearsal): void => {
  kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    set['spec'] = { ...(set['spec'] as object), replicas: count };
    set['status'] = { ...(set['status'] as object), observedGeneration: 99 };
  });
  for (let ordinal = count; ordinal < 10; ordinal++)
    if (kube.object(PODS, `nginx-${ordinal}`) !== undefined) kube.remove(PODS, `nginx-${ordinal}`);
};

function makeAnew({ kube }: Rehearsal): void {
  const set = kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
  kube.remove(STATEFUL_SETS, 'nginx');
  kube.put({ ...set, metadata: { ...set.metadata, uid: 'made-anew' } });
}

for (const [way, intent] of ways)
  describe(`a drain that others have changed meanwhile, ${way}`, () => {
    const run = ({ world }: Rehearsal) => upgrade(world, intent);
    const ends = async (rehearsal: Rehearsal, atMostSeconds: number): Promise<void> => {
      assert.equal((await run(rehearsal)).exitCode, 0);
      assert.equal(deletions(rehearsal).length, 10);
      assert.ok(secondsGone(rehearsal) <= atMostSeconds, `${secondsGone(rehearsal)} s`);
    };

    it('is finished where the write of the second Service met a conflict', async () => {
      const rehearsal = rehearse({ services: [service(), outer()] });
      const { kube } = rehearsal;
      const patch = kube.patch.bind(kube);
      let isFirst = true;
      kube.patch = async (resource, name, body, options) => {
        if (resource.plural === SERVICES.plural && name === 'outer' && isFirst) {
          isFirst = false;
          throw new StatusError(409, 'Conflict', 'the object has been modified');
        }
        return patch(resource, name, body, options);
      };
      await ends(rehearsal, 60);
    });

    it('is finished on a Service that has come since, and on a port', async () => {
      await ends(
        busy(({ kube }) => kube.put(outer())),
        120,
      );
      const port = { name: 'more', port: 81, protocol: 'TCP', targetPort: 81, nodePort: 30_081 };
      await ends(
        busy(({ kube }) =>
          kube.edit(SERVICES, 'nginx', (object) => {
            const spec = object['spec'] as { ports: object[] };
            spec.ports.push(port);
          }),
        ),
        120,
      );
    });

    it('is finished on a Service that has come since once its load balancer is there', async () => {
      const bare = outer();
      delete bare.metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
      const rehearsal = busy(({ kube }) => kube.put(bare));
      const { clock, kube } = rehearsal;
      clock.at(
        75_000,
        () =>
          void kube.edit(SERVICES, 'outer', (object) =>
            Object.assign(object, outer(), {
              metadata: { ...object.metadata, annotations: outer().metadata.annotations },
            }),
          ),
      );
      await ends(rehearsal, 150);
      const before = kube.writes.findIndex(({ verb }) => verb === 'delete');
      assert.ok(kube.writes.slice(0, before).some(({ name, verb }) => verb === 'patch' && name === 'outer'));
    });

    it('ends with a conflict at once where another writer took it back, on every Service or on one', async () => {
      const all = busy(({ world }) =>
        restore(world, { ...common, weightsOnly: true, stableForMs: 0, maxConnections: 0 }),
      );
      const one = busy(
        ({ kube }) =>
          kube.edit(SERVICES, 'outer', ({ metadata }) => {
            delete metadata.annotations?.[RS_WEIGHT];
          }),
        [service(), outer()],
      );
      for (const rehearsal of [all, one]) {
        await assert.rejects(
          run(rehearsal),
          (error: unknown) => error instanceof ConflictError && /given weight back to ordinals 0-2/.test(error.message),
        );
        assert.ok(secondsGone(rehearsal) < 30);
        assert.deepEqual(deletions(rehearsal), []);
      }
    });

    it('is not waited for on pods that were scaled away meanwhile', async () => {
      const rehearsal = busy((now) => scaleTo(2, now));
      assert.equal((await run(rehearsal)).exitCode, 0);
      assert.deepEqual(deletions(rehearsal), ['nginx-0', 'nginx-1']);
      const none = busy((now) => scaleTo(0, now));
      assert.equal((await run(none)).exitCode, 0);
      assert.ok(secondsGone(none) < 30);
    });

    it('ends with a conflict at once where the StatefulSet was made anew', async () => {
      const rehearsal = busy(makeAnew);
      await assert.rejects(
        run(rehearsal),
        (error: unknown) => error instanceof ConflictError && /deleted and created again/.test(error.message),
      );
      assert.ok(secondsGone(rehearsal) < 30);
    });
  });

it('a replacement that was scaled away before it came is waited for no longer, and none of a StatefulSet that was made anew', async () => {
  const gone = (happens: (rehearsal: Rehearsal) => void) => {
    const rehearsal = rehearse({ startMs: 30_000 });
    rehearsal.clock.at(20_000, () => happens(rehearsal));
    return rehearsal;
  };
  const fewer = gone((now) => {
    scaleTo(1, now);
    now.kube.replacement = (name) => (name === 'nginx-0' ? {} : undefined);
  });
  assert.equal((await upgrade(fewer.world, batches)).exitCode, 0);
  assert.ok(secondsGone(fewer) < 120, `${secondsGone(fewer)} s`);
  const anew = gone(makeAnew);
  await assert.rejects(upgrade(anew.world, batches), ConflictError);
  assert.ok(secondsGone(anew) < 30);
});
