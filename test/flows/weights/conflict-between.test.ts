import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError, ZerolossError } from '../../../lib/core/errors.ts';
import type { AdvanceIntent } from '../../../lib/core/intent/intent.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { scale } from '../../../lib/flows/verbs/scale.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { EVENTS, PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { annotation, common, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

/** Two Services lead to the pods; the names in their order of writing. */
const services = () => [service(), service({ name: 'outer', selector: { app: 'nginx' } })];
const lines = (results: readonly { object: string; action: string; changed: boolean }[]) =>
  results.map(({ object, action, changed }) => `${object} ${action} ${changed}`);
const changedBy = async (run: Promise<{ results: Parameters<typeof lines>[0] }>) => lines((await run).results);
const events = ({ kube }: Rehearsal) => kube.objects(EVENTS).map((event) => `${event['reason']}: ${event['message']}`);
const sent = ({ kube }: Rehearsal, name: string) =>
  kube.calls.filter((call) => call.verb === 'patch' && call.resource === 'services' && call.name === name).length;

/** Another writer comes before the next write of `outer`; `also` is more that it does. */
function interfere({ kube }: Rehearsal, also: () => void = () => undefined): void {
  let isOpen = true;
  kube.beforeWrite(({ resource, name, verb }) => {
    if (!isOpen || verb !== 'patch' || resource !== 'services' || name !== 'outer') return;
    isOpen = false;
    kube.edit(SERVICES, 'outer', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, touched: 'yes' };
    });
    also();
  });
}

describe('a Service that this run has written before a conflict at the next one', () => {
  it('is drained, not already drained, and is written once', async () => {
    const rehearsal = rehearse({ services: services() });
    interfere(rehearsal);
    assert.deepEqual(await changedBy(drain(rehearsal.world, { ...common, ordinals: [0] })), [
      'service/nginx drained true',
      'service/outer drained true',
    ]);
    assert.equal(events(rehearsal).filter((line) => line.startsWith('ZerolossDrained')).length, 1);
    assert.deepEqual(await changedBy(drain(rehearsal.world, { ...common, ordinals: [0] })), [
      'service/nginx already drained false',
      'service/outer already drained false',
    ]);
  });

  it('is drained, and has its Event, where the other writer has drained the second one itself', async () => {
    const rehearsal = rehearse({ services: services() });
    const { kube } = rehearsal;
    interfere(rehearsal, () => {
      const written = kube.object(SERVICES, 'nginx')?.metadata.annotations;
      kube.edit(SERVICES, 'outer', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, ...written };
      });
    });
    const outcome = await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.ok(outcome.changed);
    assert.deepEqual(lines(outcome.results), ['service/nginx drained true', 'service/outer already drained false']);
    assert.deepEqual(events(rehearsal), ['ZerolossDrained: weight 0 for ordinal 0']);
  });

  it('is still named once where a rule refuses after the conflict', async () => {
    const rehearsal = rehearse({ services: services() });
    interfere(rehearsal, () =>
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
      }),
    );
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), (error: unknown) => {
      assert.ok(error instanceof ZerolossError);
      assert.deepEqual(lines(error.results), ['service/nginx weights written true']);
      return true;
    });
  });

  it('is still named once where every round meets a conflict', async () => {
    const rehearsal = rehearse({ services: services() });
    rehearsal.kube.failNext(
      { verb: 'patch', resource: 'services', name: 'outer' },
      new StatusError(409, 'Conflict', 'the object has been modified'),
      5,
    );
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), (error: unknown) => {
      assert.ok(error instanceof ZerolossError);
      assert.equal(error.exitCode, 5);
      assert.deepEqual(lines(error.results), ['service/nginx weights written true']);
      return true;
    });
  });

  it('is advanced, and the Event and the data name the batch that this run drained', async () => {
    const ways: Partial<AdvanceIntent>[] = [{}, { maxUnavailable: { kind: 'count', count: 2 } }];
    for (const way of ways) {
      const rehearsal = rehearse({ services: services(), updated: [0, 1] });
      await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
      for (const { metadata } of rehearsal.kube.objects(EVENTS)) rehearsal.kube.remove(EVENTS, metadata.name);
      interfere(rehearsal);
      const outcome = await advance(rehearsal.world, { ...common, ...way });
      assert.deepEqual(lines(outcome.results), ['service/nginx advanced true', 'service/outer advanced true']);
      assert.deepEqual(events(rehearsal), [
        'ZerolossAdvanced: weights back for ordinals 0,1, weight 0 for ordinals 2,3',
      ]);
      assert.match(String(outcome.message), /^ordinals 2,3 next, outdated/);
      const { back, next } = outcome.details as { back: number[]; next: number[] };
      assert.deepEqual({ back, next }, { back: [0, 1], next: [2, 3] });
    }
  });

  it('is restored, and pods that it alone held are named', async () => {
    const rehearsal = rehearse({ services: services() });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...common, ordinals: [1], services: ['nginx'] });
    interfere(rehearsal);
    const outcome = await restore(rehearsal.world, { ...common, ...zero, weightsOnly: true });
    assert.deepEqual(lines(outcome.results), ['service/nginx restored true', 'service/outer restored true']);
    assert.deepEqual((outcome.details as { restored: number[] }).restored, [0, 1]);
    assert.equal(events(rehearsal).at(-1), 'ZerolossRestored: weights back for ordinals 0,1');
  });

  it('is restored where a surge is on, before its surplus goes', async () => {
    const rehearsal = rehearse({ services: services() });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await drain(rehearsal.world, { ...common, ordinals: [1], services: ['nginx'] });
    interfere(rehearsal);
    await assert.rejects(
      restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }),
      (error: unknown) =>
        error instanceof ZerolossError &&
        lines(error.results).join() === 'service/nginx restored true,service/outer restored true',
    );
    assert.equal(events(rehearsal).at(-1), 'ZerolossRestored: weights back for ordinals 0,1');
  });

  it('is raised to the canary weight', async () => {
    const rehearsal = rehearse({ services: services(), updated: [0] });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    interfere(rehearsal);
    const outcome = await restore(rehearsal.world, {
      ...{ ...common, ...zero, weightsOnly: false, ordinals: [0], weights: [3] },
    });
    assert.deepEqual(lines(outcome.results), ['service/nginx restored true', 'service/outer restored true']);
  });

  it('is drained by surge --dark, also where the conflict is at the StatefulSet', async () => {
    for (const late of [false, true]) {
      const rehearsal = rehearse({ services: services() });
      if (late)
        rehearsal.kube.failNext(
          { verb: 'patch', resource: 'statefulsets' },
          new StatusError(409, 'Conflict', 'the object has been modified'),
        );
      else interfere(rehearsal);
      assert.deepEqual(await changedBy(surge(rehearsal.world, { ...common, count: 1, dark: true })), [
        'statefulset/nginx surged true',
        'service/nginx drained true',
        'service/outer drained true',
      ]);
      assert.equal(sent(rehearsal, 'nginx'), 1);
    }
  });

  it('is drained and cleared by scale', async () => {
    const rehearsal = rehearse({ services: services() });
    const { kube } = rehearsal;
    kube.beforeWrite(({ resource, verb }) => {
      if (verb !== 'patch' || resource !== 'statefulsets') return;
      for (const ordinal of [8, 9]) kube.remove(PODS, `nginx-${ordinal}`);
      interfere(rehearsal);
    });
    const outcome = await scale(rehearsal.world, { ...common, ...zero, replicas: 8 });
    assert.deepEqual(lines(outcome.results).slice(-2), ['service/nginx cleared true', 'service/outer cleared true']);
    assert.equal(annotation(rehearsal), undefined);
    assert.equal(events(rehearsal).at(-1), 'ZerolossRestored: weights of ordinals 8,9, scaled away, removed');
  });
});
