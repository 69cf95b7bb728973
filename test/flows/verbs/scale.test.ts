import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import type { ScaleIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause } from '../../../lib/flows/verbs/pause.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { HORIZONTAL_POD_AUTOSCALERS, PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const wish: Omit<ScaleIntent, 'replicas'> = { ...common, ...zero };
const settled = (more: Parameters<typeof rehearse>[0] = {}) => rehearse({ settled: true, replicas: 6, ...more });
const run = (rehearsal: Rehearsal, replicas: number, more: Partial<ScaleIntent> = {}) =>
  scale(rehearsal.world, { ...wish, replicas, ...more });
const pods = ({ kube }: Rehearsal) => kube.objects(PODS).map((pod) => pod.metadata.name);
const writes = ({ kube }: Rehearsal) =>
  kube.writes.filter(({ resource }) => resource === 'statefulsets' || resource === 'services').length;
/** nginx-5 is scaled away, by a run that stopped behind that write or by another writer. */
function losesHighest({ kube }: Rehearsal): void {
  kube.edit(STATEFUL_SETS, 'nginx', (object) => {
    object['spec'] = { ...(object['spec'] as object), replicas: 5 };
    object['status'] = { ...(object['status'] as object), observedGeneration: 99 };
  });
  kube.remove(PODS, 'nginx-5');
}
const rules = (error: unknown) => (error instanceof RefusedError ? error.refusals.map(({ rule }) => rule) : error);

async function refused(rehearsal: Rehearsal, count: number, more: Partial<ScaleIntent> = {}): Promise<string[]> {
  const before = writes(rehearsal);
  let found: unknown;
  await assert.rejects(run(rehearsal, count, more), (error) => {
    found = rules(error);
    return true;
  });
  assert.equal(writes(rehearsal), before, 'a refusal writes nothing');
  return found as string[];
}

describe('scale to fewer replicas', () => {
  it('drains the highest ordinals, sees them at zero, scales them away and removes their weights of 0', async () => {
    const rehearsal = settled();
    const { kube, source, clock } = rehearsal;
    const endsMs = clock.now() + 20_000;
    source.counts.set('nginx-5', (nowMs) => (nowMs < endsMs ? 3 : 0));
    const patch = kube.patch.bind(kube);
    const seen: string[] = [];
    kube.patch = async (...call) => {
      if (call[0].plural === 'statefulsets') {
        seen.push(annotation(rehearsal) ?? '');
        assert.ok(clock.now() >= endsMs + zero.stableForMs, 'not before the window is full');
      }
      return patch(...call);
    };
    const outcome = await run(rehearsal, 3);
    assert.match(seen[0] ?? '', /"weight":0,"podIndexes":\[3,4,5\]/);
    assert.deepEqual(pods(rehearsal), ['nginx-0', 'nginx-1', 'nginx-2']);
    assert.equal(annotation(rehearsal), undefined, 'the next scale-out is not born without traffic');
    assert.deepEqual(
      outcome.results.map(({ object, action, note }) => `${object} ${action} (${note})`),
      [
        'service/nginx drained (ordinals 3-5 on TCP/80)',
        'statefulset/nginx scaled (6 to 3 replicas, ordinals 3-5 gone)',
        'service/nginx cleared (ordinals 3-5 on TCP/80)',
      ],
    );
    assert.ok(/loses its highest ordinals first: ordinals 3-5/.test(rehearsal.report.text));
  });

  it('changes nothing when it is typed again', async () => {
    const rehearsal = settled();
    await run(rehearsal, 4);
    const before = writes(rehearsal);
    const outcome = await run(rehearsal, 4);
    assert.equal(outcome.changed, false);
    assert.equal(writes(rehearsal), before);
  });

  it('keeps a drain that another writer has under way', async () => {
    const rehearsal = settled();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await run(rehearsal, 5);
    assert.match(annotation(rehearsal) ?? '', /"weight":0,"podIndexes":\[0\]/);
  });

  it('ends with 6 while a connection stays, scales nothing, and goes on from there', async () => {
    const rehearsal = settled();
    rehearsal.source.counts.set('nginx-5', 1);
    await assert.rejects(run(rehearsal, 5), (error: unknown) => {
      assert.ok(error instanceof NotYetError);
      assert.match(error.message, /ordinal 5 of statefulset\/nginx is drained and not at zero yet/);
      assert.match(error.hint ?? '', /to go back: kubectl zeroloss restore nginx 5/);
      return true;
    });
    assert.equal(replicas(rehearsal), 6);
    rehearsal.source.counts.set('nginx-5', 0);
    await run(rehearsal, 5);
    assert.equal(replicas(rehearsal), 5);
    assert.equal(annotation(rehearsal), undefined);
  });

  it('removes the weights of 0 where a run was stopped after it had scaled', async () => {
    const rehearsal = settled();
    await drain(rehearsal.world, { ...common, ordinals: [5] });
    losesHighest(rehearsal);
    const outcome = await run(rehearsal, 5);
    assert.deepEqual(
      outcome.results.map(({ action }) => action),
      ['cleared'],
    );
    assert.equal(annotation(rehearsal), undefined);
  });

  it('judges the floor by the replicas that stay', async () => {
    // Half of six would be three; half of the two that stay is one.
    const rehearsal = settled();
    await run(rehearsal, 2);
    assert.equal(replicas(rehearsal), 2);
    const sick = settled();
    for (const name of ['nginx-0', 'nginx-1', 'nginx-2']) sick.balancer.health.set(name, 'dead');
    assert.deepEqual(await refused(sick, 4, { minServing: { kind: 'percent', percent: 50 } }), ['floor']);
    assert.deepEqual(await refused(settled(), 4, { minServing: { kind: 'count', count: 5 } }), ['floor']);
  });

  it('asks for no replicas at all by name', async () => {
    assert.deepEqual(await refused(settled(), 0), ['floor']);
    const rehearsal = settled();
    await run(rehearsal, 0, { minServing: { kind: 'count', count: 0 } });
    assert.deepEqual(pods(rehearsal), []);
  });

  it('is refused during a surge, while it is paused, and where an autoscaler owns the replicas', async () => {
    const surged = settled();
    await surge(surged.world, { ...common, count: 1, dark: false });
    assert.deepEqual(await refused(surged, 4), ['no-surge']);
    const paused = settled();
    await pause(paused.world, common);
    assert.deepEqual(await refused(paused, 4), ['paused']);
    const scaled = settled();
    scaled.kube.put({
      apiVersion: 'autoscaling/v2',
      kind: HORIZONTAL_POD_AUTOSCALERS.kind,
      metadata: { name: 'load' },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'nginx' } },
    });
    assert.deepEqual(await refused(scaled, 4), ['no-autoscaler']);
  });

  it('deletes volumes by a flag of its own or a yes, and by nothing else', async () => {
    const withClaims = () =>
      settled({
        set: {
          merge: {
            spec: {
              volumeClaimTemplates: [{ metadata: { name: 'data' } }],
              persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' },
            },
          },
        },
      });
    assert.deepEqual(await refused(withClaims(), 5), ['claims-kept']);
    const asked: string[] = [];
    const answering = (answer: boolean) => {
      const rehearsal = withClaims();
      rehearsal.world.confirm = async (question) => {
        asked.push(question);
        return answer;
      };
      return rehearsal;
    };
    await assert.rejects(run(answering(false), 5), /^NotStartedError: not started, nothing written$/);
    const agreed = answering(true);
    await run(agreed, 5);
    assert.equal(replicas(agreed), 5);
    assert.match(asked[0] ?? '', /the volume of ordinal 5 \(data-nginx-5\) is deleted with the pods.*Delete them\?/);
    const flagged = withClaims();
    await run(flagged, 5, { deleteClaims: true });
    assert.equal(replicas(flagged), 5);
  });

  it('ends its wait at once where another client gives weight back, or scales, and scales nothing', async () => {
    for (const [happens, told] of [
      [
        (rehearsal: Rehearsal) => restore(rehearsal.world, { ...common, ...zero, ordinals: [5], weightsOnly: true }),
        /given weight back to ordinal 5 of statefulset\/nginx/,
      ],
      [losesHighest, /was scaled to 5 replicas by another writer meanwhile; it was not scaled/],
    ] as const) {
      const rehearsal = settled();
      const { clock, source } = rehearsal;
      source.counts.set('nginx-5', 1);
      clock.at(20_000, async () => {
        await happens(rehearsal);
      });
      await assert.rejects(run(rehearsal, 4, { timeoutMs: 60 * 60_000 }), (error: unknown) => {
        assert.ok(error instanceof ConflictError);
        assert.match(error.message, told);
        return true;
      });
      assert.ok(clock.now() - clock.startMs < 60_000);
      assert.notEqual(replicas(rehearsal), 4);
    }
  });

  it('scales nothing away that another client has replaced, or scaled, while it waited', async () => {
    const rehearsal = settled();
    const { kube, clock } = rehearsal;
    clock.at(5_000, () => {
      const before = kube.object(PODS, 'nginx-5');
      kube.remove(PODS, 'nginx-5');
      if (before !== undefined) kube.put({ ...before, metadata: { ...before.metadata, uid: 'another' } });
    });
    await assert.rejects(run(rehearsal, 5));
    assert.equal(replicas(rehearsal), 6);
    const other = settled();
    other.clock.at(5_000, () => {
      other.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        object['spec'] = { ...(object['spec'] as object), replicas: 7 };
        object['status'] = { ...(object['status'] as object), observedGeneration: 99 };
      });
    });
    await assert.rejects(run(other, 5), (error: unknown) => {
      assert.ok(error instanceof ConflictError);
      assert.match(error.message, /was scaled to 7 replicas by another writer meanwhile; it was not scaled/);
      return true;
    });
    assert.equal(replicas(other), 7);
  });

  it('ends with a conflict when another writer scales out again, and names the ordinals that are back without traffic', async () => {
    const rehearsal = settled();
    const { kube } = rehearsal;
    const patch = kube.patch.bind(kube);
    kube.patch = async (...call) => {
      const answer = await patch(...call);
      if (call[0].plural === 'statefulsets')
        kube.edit(STATEFUL_SETS, 'nginx', (object) => {
          object['spec'] = { ...(object['spec'] as object), replicas: 5 };
        });
      return answer;
    };
    await assert.rejects(run(rehearsal, 4), (error: unknown) => {
      assert.ok(error instanceof ConflictError);
      assert.match(
        error.message,
        /scaled to 5 replicas by another writer meanwhile, not 4; ordinal 4 is back at weight 0/,
      );
      assert.match(error.hint ?? '', /to give them traffic: kubectl zeroloss restore nginx 4/);
      return true;
    });
    assert.match(
      annotation(rehearsal) ?? '',
      /"weight":0,"podIndexes":\[4\]/,
      'ordinal 5 is gone, and its weight of 0 too',
    );
  });

  it('shows what it would do, and writes nothing', async () => {
    const rehearsal = settled();
    const outcome = await run(rehearsal, 4, { dryRun: 'client' });
    assert.deepEqual(
      outcome.results.map(({ action }) => action),
      ['drained', 'scaled'],
    );
    assert.equal(writes(rehearsal), 0);
  });
});

describe('scale to more replicas', () => {
  it('only scales', async () => {
    const rehearsal = settled();
    const outcome = await run(rehearsal, 8);
    assert.equal(replicas(rehearsal), 8);
    assert.equal(writes(rehearsal), 1);
    assert.deepEqual(
      outcome.results.map(({ action, note }) => `${action} ${note}`),
      ['scaled 6 to 8 replicas'],
    );
  });

  it('names ordinals that would be born without traffic', async () => {
    const rehearsal = settled();
    await drain(rehearsal.world, { ...common, ordinals: [5] });
    losesHighest(rehearsal);
    await run(rehearsal, 6);
    assert.ok(/ordinal 5 is held at weight 0 already.*restore nginx 5/.test(rehearsal.report.text));
  });
});
