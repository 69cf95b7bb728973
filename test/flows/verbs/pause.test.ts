import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { PAUSED, pauseLine, readPause } from '../../../lib/core/target/pause.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { pause, resume } from '../../../lib/flows/verbs/pause.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import { replicas } from '../rehearsal/of-the-set.ts';
import {
  annotation,
  common,
  deletions,
  type Rehearsal,
  rehearse,
  upgradeIntent,
  zero,
} from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent();
const isPaused = (error: unknown) =>
  error instanceof RefusedError && error.refusals.length === 1 && error.refusals[0]?.rule === 'paused';
const paused = ({ kube }: Rehearsal) => kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations?.[PAUSED];
const ann = (rehearsal: Rehearsal) => ({ ...rehearsal.world, operator: 'ann@laptop' });

describe('pause', () => {
  it('keeps who, since when and why on the StatefulSet, and resume takes it away', async () => {
    const rehearsal = rehearse();
    const outcome = await pause(ann(rehearsal), { ...common, reason: 'error rate' });
    assert.deepEqual([outcome.changed, outcome.next.map(String)], [true, ['kubectl zeroloss resume nginx']]);
    assert.deepEqual(JSON.parse(paused(rehearsal) ?? ''), {
      format: 1,
      by: 'ann@laptop',
      at: '2026-01-01T00:00:00.000Z',
      reason: 'error rate',
    });
    const { results } = await resume(rehearsal.world, common);
    assert.match(results[0]?.note ?? '', /was paused by ann@laptop since .*: error rate/);
    assert.equal(paused(rehearsal), undefined);
  });

  it('asked again with another reason shows that it is not written, and how to change it', async () => {
    const rehearsal = rehearse();
    await pause(rehearsal.world, { ...common, reason: 'error rate' });
    const again = await pause(rehearsal.world, { ...common, reason: 'lunch' });
    const change = (reason: string) =>
      `\nto change it: kubectl zeroloss resume nginx && kubectl zeroloss pause nginx --reason ${reason}   # a running upgrade may go on in between`;
    assert.equal(
      String(again.message),
      `the pause keeps its first reason; this one was not written: lunch${change('lunch')}`,
    );
    assert.equal((await pause(rehearsal.world, { ...common, reason: 'error rate' })).message, undefined);
    const silent = rehearse();
    await pause(silent.world, common);
    assert.equal(
      String((await pause(silent.world, { ...common, reason: 'two words' })).message),
      `the pause has no reason; this one was not written: two words${change("'two words'")}`,
    );
  });

  it('asked again changes nothing, and keeps the first reason', async () => {
    const rehearsal = rehearse();
    await pause(ann(rehearsal), { ...common, reason: 'first' });
    const before = paused(rehearsal);
    const outcome = await pause(rehearsal.world, { ...common, reason: 'second' });
    assert.equal(outcome.changed, false);
    assert.match(outcome.results[0]?.note ?? '', /paused by ann@laptop .*: first/);
    assert.equal(paused(rehearsal), before);
    assert.equal((await resume(rehearsal.world, common)).changed, true);
    assert.equal((await resume(rehearsal.world, common)).changed, false);
  });

  it('of a name that is not there shows where the names are, as every verb does', async () => {
    for (const verb of [pause, resume])
      await assert.rejects(verb(rehearse().world, { ...common, name: 'nope' }), (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.match(error.hint ?? '', /^kubectl get statefulsets /);
        return true;
      });
  });

  it('on a dry run writes nothing', async () => {
    const rehearsal = rehearse();
    await pause(rehearsal.world, { ...common, dryRun: 'client' });
    assert.deepEqual(rehearsal.kube.writes, []);
  });

  it('is a FAIL of check and a refusal of plan, until it is resumed', async () => {
    const rehearsal = rehearse();
    const wish = { ...common, stableForMs: 30_000, strays: [] };
    const asked = async () => {
      const { details } = await check(rehearsal.world, wish);
      const { refusals } = await plan(rehearsal.world, { ...upgradeIntent(), countingWords: [] });
      return [
        ...details.findings.filter(({ rule }) => rule === 'paused').map(({ level, cure }) => `${level} ${cure}`),
        ...refusals.filter(({ rule }) => rule === 'paused').map(({ message }) => message),
      ];
    };
    await pause(ann(rehearsal), { ...common, reason: 'error rate' });
    assert.deepEqual(await asked(), [
      'FAIL kubectl zeroloss resume nginx   # after asking who paused it',
      'statefulset/nginx is paused by ann@laptop since 2026-01-01T00:00:00.000Z: error rate: no pod is drained or deleted until it is resumed',
    ]);
    await resume(rehearsal.world, common);
    assert.deepEqual(await asked(), []);
  });

  it('refuses a drain, a deletion and an advance to new pods, and writes nothing', async () => {
    const rehearsal = rehearse({ updated: [0] });
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await pause(rehearsal.world, common);
    const before = annotation(rehearsal);
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [1] }), isPaused);
    await assert.rejects(advance(rehearsal.world, common), isPaused);
    assert.equal(annotation(rehearsal), before);
    assert.equal((await drain(rehearsal.world, { ...common, ordinals: [0] })).changed, false, 'already so');
    const other = rehearse();
    await drain(other.world, { ...common, ordinals: [0] });
    await pause(other.world, common);
    await assert.rejects(recreate(other.world, { ...common, ...zero, evict: false, force: false }), isPaused);
    await assert.rejects(recreate(other.world, { ...common, ...zero, evict: false, force: true }), isPaused);
    assert.deepEqual(deletions(other), []);
  });

  it('that comes between the count and the deletion keeps the pod', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.kube.beforeWrite(({ resource }) => {
      if (resource === 'events')
        rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
          set.metadata.annotations = { ...set.metadata.annotations, [PAUSED]: 'stop!' };
        });
    });
    await assert.rejects(recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false }), isPaused);
    assert.deepEqual(deletions(rehearsal), []);
  });

  it('lets weights be given back', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    await pause(rehearsal.world, common);
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(annotation(rehearsal), undefined);
  });

  it('halts a running upgrade, which goes on by itself once it is resumed', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    const { clock, world, report } = rehearsal;
    let atPause: string[] = [];
    clock.at(20_000, async () => void (await pause(ann(rehearsal), { ...common, reason: 'look' })));
    clock.at(40_000, () => {
      atPause = deletions(rehearsal);
    });
    clock.at(55_000, () => {
      assert.deepEqual(deletions(rehearsal), atPause);
    });
    clock.at(56_000, async () => void (await resume(world, common)));
    await upgrade(world, wish);
    assert.deepEqual([...new Set(deletions(rehearsal))].sort(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.ok(atPause.length < 4, `${atPause.length} deletions before the pause`);
    assert.match(report.progressLines.join('\n'), /waiting: statefulset\/nginx is paused by ann@laptop since .*: look/);
  });

  it('keeps the surplus of a surge: restore gives the other pods their weight and ends with "not yet"', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false });
    await drain(rehearsal.world, { ...common, ordinals: [0, 3] });
    await pause(ann(rehearsal), common);
    await assert.rejects(
      restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }),
      (error: unknown) =>
        error instanceof NotYetError &&
        /paused by ann@laptop.*surplus ordinal 3 is not scaled away/.test(error.message),
    );
    assert.equal(replicas(rehearsal), 4);
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[3\]/);
  });

  it('at the end of an upgrade keeps the surplus until it is resumed', async () => {
    const rehearsal = rehearse({ replicas: 3 });
    const { kube, clock, world } = rehearsal;
    const pausedAt: boolean[] = [];
    kube.beforeWrite(({ resource, body }) => {
      if (/"replicas":3/.test(JSON.stringify(body ?? ''))) pausedAt.push(paused(rehearsal) !== undefined);
      if (resource !== 'events' || !/weight 0 for ordinal 3"/.test(JSON.stringify(body))) return;
      kube.edit(STATEFUL_SETS, 'nginx', (set) => {
        set.metadata.annotations = { ...set.metadata.annotations, [PAUSED]: 'stop!' };
      });
      clock.at(clock.now() - clock.startMs + 60_000, async () => void (await resume(world, common)));
    });
    await upgrade(world, upgradeIntent({ surge: 1, timeoutMs: 600_000, minServing: { kind: 'count', count: 1 } }));
    assert.deepEqual(pausedAt, [false]);
    assert.equal(replicas(rehearsal), 3);
  });

  it('that lasts longer than the time-out of a step ends the upgrade with "not yet", naming who paused it', async () => {
    const rehearsal = rehearse();
    await pause(ann(rehearsal), common);
    await assert.rejects(
      upgrade(rehearsal.world, wish),
      (error: unknown) =>
        error instanceof NotYetError &&
        /paused by ann@laptop/.test(error.message) &&
        /^after asking who paused it: kubectl zeroloss resume nginx$/m.test(error.hint ?? ''),
    );
    assert.deepEqual(deletions(rehearsal), []);
  });

  it('is shown by status, as data too', async () => {
    const rehearsal = rehearse();
    await pause(ann(rehearsal), { ...common, reason: 'look' });
    const { details } = await status(rehearsal.world, common);
    assert.equal(details.paused?.reason, 'look');
    assert.ok(details.notes.some((note) => /paused by ann@laptop, \d+s ago: look/.test(String(note))));
  });
});

describe('the annotation of a pause', () => {
  it('of any other shape or format pauses too, with its text as the reason', () => {
    for (const text of ['stop', '{"format":2,"by":"x","at":"y"}', '[]', 'null', '7'])
      assert.deepEqual(readPause({ annotations: { [PAUSED]: text } }), { by: '', at: '', reason: text });
    assert.deepEqual(readPause({ annotations: { [PAUSED]: '' } }), { by: '', at: '' });
    assert.equal(pauseLine('nginx', { by: '', at: '' }), 'statefulset/nginx is paused');
  });
});
