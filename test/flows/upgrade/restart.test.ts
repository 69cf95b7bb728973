import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError } from '../../../lib/core/errors.ts';
import { planScript } from '../../../lib/core/plan/script.ts';
import { RESTART_BEGUN, RESTARTED_AT } from '../../../lib/core/target/restart.ts';
import { texts } from '../../../lib/core/values/read.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { common, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent({ batch: 2, restart: true });

/** Every change of the template is a revision, as the StatefulSet controller makes it. */
function withController(rehearsal: Rehearsal): Rehearsal {
  const { kube } = rehearsal;
  const patch = kube.patch.bind(kube);
  let count = 0;
  kube.patch = async (...call) => {
    const after = await patch(...call);
    const spec = (call[2] as { spec?: { template?: object } }).spec;
    if (call[0].plural === 'statefulsets' && spec?.template !== undefined && call[3].dryRun !== true)
      kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        object['status'] = { ...(object['status'] as object), updateRevision: `nginx-restarted${++count}` };
      });
    return after;
  };
  return rehearsal;
}

const settled = () => withController(rehearse({ settled: true, replicas: 4 }));
const set = ({ kube }: Rehearsal) => kube.object(STATEFUL_SETS, 'nginx') as KubeObject;
const template = (rehearsal: Rehearsal) => (set(rehearsal)['spec'] as { template: object }).template;
const restartedAt = (rehearsal: Rehearsal) => texts(template(rehearsal), 'metadata', 'annotations')[RESTARTED_AT];
const templateWrites = ({ kube }: Rehearsal) =>
  kube.writes.filter((call) => (call.body as { spec?: { template?: object } }).spec?.template !== undefined);
const reasons = ({ kube }: Rehearsal) =>
  kube.writes.flatMap(({ body }) => (body as { reason?: string }).reason ?? []).filter((each) => /Zero/.test(each));

describe('upgrade --restart', () => {
  it('replaces every pod of an unchanged template, each once, and keeps no record afterwards', async () => {
    const rehearsal = settled();
    const { results } = await upgrade(rehearsal.world, wish);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
    assert.match(restartedAt(rehearsal) ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.match(`${results[0]?.action} ${results[0]?.note}`, /^restarted at \d{4}/);
    assert.equal(reasons(rehearsal)[0], 'ZerolossRestarted');
    assert.deepEqual(
      Object.keys(set(rehearsal).metadata.annotations ?? {}).filter((key) => key.startsWith('kubectl-zeroloss')),
      [],
    );
  });

  it('makes one revision of an image and a restart', async () => {
    const rehearsal = settled();
    await upgrade(rehearsal.world, { ...wish, images: { nginx: 'nginx:1.25.5' } });
    assert.equal(templateWrites(rehearsal).length, 1);
    assert.match(JSON.stringify(templateWrites(rehearsal)[0]?.body), /restartedAt.*nginx:1\.25\.5/);
    assert.ok(restartedAt(rehearsal));
    assert.equal(deletions(rehearsal).length, 4);
    assert.equal(reasons(rehearsal)[0], 'ZerolossImageSet');
  });

  for (const [what, more] of [
    ['in batches', {}],
    ['in a window', { maxUnavailable: { kind: 'count', count: 2 } as const }],
    ['with an image', { images: { nginx: 'nginx:1.25.5' } }],
  ] as const)
    it(`surges once, restarts once, and ends: ${what}`, async () => {
      const rehearsal = settled();
      const { message } = await upgrade(rehearsal.world, { ...wish, surge: 1, ...more });
      const scaled = rehearsal.kube.writes.filter(
        ({ body }) => (body as { spec?: { replicas?: number } }).spec?.replicas === 5,
      );
      assert.equal(scaled.length, 1);
      assert.equal(templateWrites(rehearsal).length, 1);
      assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
      assert.match(String(message), /the restart of \S+Z is complete, the same command begins another/);
    });

  it('begins no other restart at the end of one that an earlier run began, with a surge', async () => {
    const rehearsal = settled();
    const { kube, clock } = rehearsal;
    const deleting = kube.delete.bind(kube);
    let left = 1;
    kube.delete = async (...call) => {
      if (left-- === 0) throw new ConflictError('stopped here');
      return deleting(...call);
    };
    await assert.rejects(upgrade(rehearsal.world, { ...wish, surge: 1 }));
    await clock.sleep(60_000);
    left = Number.POSITIVE_INFINITY;
    await upgrade(rehearsal.world, { ...wish, surge: 1 });
    assert.equal(templateWrites(rehearsal).length, 1);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
  });

  it('continues a restart that was stopped, and does not begin another one', async () => {
    const rehearsal = settled();
    const { kube, clock } = rehearsal;
    const deleting = kube.delete.bind(kube);
    let left = 2;
    kube.delete = async (...call) => {
      if (left-- === 0) throw new ConflictError('stopped here');
      return deleting(...call);
    };
    await assert.rejects(upgrade(rehearsal.world, { ...wish, batch: 1 }));
    const begun = restartedAt(rehearsal);
    await clock.sleep(60_000);
    left = Number.POSITIVE_INFINITY;
    await upgrade(rehearsal.world, { ...wish, batch: 1 });
    assert.equal(restartedAt(rehearsal), begun);
    assert.equal(templateWrites(rehearsal).length, 1);
    assert.deepEqual(deletions(rehearsal).sort(), ['nginx-0', 'nginx-1', 'nginx-2', 'nginx-3']);
  });

  it('of a given time is done once, by whichever run, and a later restart counts for it', async () => {
    const rehearsal = settled();
    const asked = { ...wish, restartOf: '2020-01-02T03:04:05Z' };
    const { message } = await upgrade(rehearsal.world, asked);
    assert.equal(restartedAt(rehearsal), asked.restartOf);
    assert.match(String(message), /the restart of 2020-01-02T03:04:05Z is complete$/);
    await upgrade(rehearsal.world, asked);
    await upgrade(rehearsal.world, { ...wish, restartOf: '2020-01-02T03:04:05+08:00' });
    assert.deepEqual([deletions(rehearsal).length, templateWrites(rehearsal).length], [4, 1]);
    await upgrade(rehearsal.world, { ...wish, restartOf: '2020-01-02T03:04:06Z' });
    assert.deepEqual([deletions(rehearsal).length, templateWrites(rehearsal).length], [8, 2]);
  });

  it('without a given time is later than the last one, whatever clock wrote that', async () => {
    const rehearsal = settled();
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      const { metadata } = (object['spec'] as { template: { metadata: { annotations?: object } } }).template;
      metadata.annotations = { ...metadata.annotations, [RESTARTED_AT]: '2999-01-01T00:00:00+08:00' };
    });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object['status'] = { ...(object['status'] as object), observedGeneration: Number.MAX_SAFE_INTEGER };
    });
    await upgrade(rehearsal.world, wish);
    assert.deepEqual([deletions(rehearsal).length, restartedAt(rehearsal)], [4, '2998-12-31T16:00:01Z']);
  });

  it('says that an earlier run had brought the restart to its end, and begins another one the next time', async () => {
    const rehearsal = settled();
    const { kube, clock } = rehearsal;
    await upgrade(rehearsal.world, wish);
    kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object.metadata.annotations = { ...object.metadata.annotations, [RESTART_BEGUN]: restartedAt(rehearsal) ?? '' };
    });
    const { message } = await upgrade(rehearsal.world, wish);
    assert.match(String(message), /the restart of \S+Z is complete, the same command begins another/);
    assert.equal(deletions(rehearsal).length, 4);
    await clock.sleep(60_000);
    await upgrade(rehearsal.world, wish);
    assert.equal(deletions(rehearsal).length, 8);
  });

  it('begins anew where the former template was put back by hand', async () => {
    const rehearsal = settled();
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object.metadata.annotations = { ...object.metadata.annotations, [RESTART_BEGUN]: '2026-01-01T00:00:00Z' };
    });
    await upgrade(rehearsal.world, wish);
    assert.equal(deletions(rehearsal).length, 4);
  });

  it('leaves its record to restore, where the verbs have brought it to its end', async () => {
    const rehearsal = settled();
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object.metadata.annotations = { ...object.metadata.annotations, [RESTART_BEGUN]: '2026-01-01T00:00:00Z' };
    });
    await restore(rehearsal.world, { ...common, ...zero, weightsOnly: false });
    assert.equal(set(rehearsal).metadata.annotations?.[RESTART_BEGUN], undefined);
  });

  it('shows the whole restart before it writes, and writes nothing', async () => {
    const rehearsal = settled();
    const { message, details } = await upgrade(rehearsal.world, { ...wish, dryRun: 'client' });
    assert.match(String(message), /the first step would be: restart every pod \(restartedAt \d{4}/);
    assert.equal((details as { plan: { batches: unknown[] } }).plan.batches.length, 2);
    assert.deepEqual(
      rehearsal.kube.writes.filter(({ verb }) => verb === 'patch'),
      [],
    );
  });

  it('asks before the first write, and names the restart', async () => {
    const rehearsal = settled();
    const asked: string[] = [];
    const confirm = async (question: string) => {
      asked.push(question);
      return false;
    };
    await assert.rejects(upgrade({ ...rehearsal.world, confirm }, { ...wish, yes: false }), /not started/);
    assert.match(asked[0] ?? '', /unchanged: nginx:1\.25\.4; restart: every pod is replaced/);
  });
});

describe('plan --restart', () => {
  const asPlan = { ...common, images: {}, batch: 2, surge: 1, soakMs: 0, stableForMs: 10_000, countingWords: [] };

  it('writes a script that may run twice: the time of the restart stands in it', async () => {
    const rehearsal = settled();
    const { details } = await plan(rehearsal.world, { ...asPlan, restart: true });
    const at = details.restartedAt ?? '';
    assert.match(at, /Z$/);
    const script = planScript(details);
    assert.ok(script.includes(`surge nginx 1 --skip-done --restarted-at ${at}`), script);
    assert.ok(
      script.includes(
        `kubectl patch statefulset/nginx -p '{"spec":{"template":{"metadata":{"annotations":{"${RESTARTED_AT}":"${at}"}}}}}'`,
      ),
      script,
    );
  });

  it('writes a script that sets back no later restart', async () => {
    const rehearsal = settled();
    const jsonpath = String.raw`{.spec.template.metadata.annotations.kubectl\.kubernetes\.io/restartedAt}`;
    const guard = async (more: object = {}) =>
      (await plan(rehearsal.world, { ...asPlan, restart: true, ...more })).details;
    const first = await guard();
    assert.deepEqual(first.template, { path: jsonpath, before: '', after: first.restartedAt });
    assert.match(
      planScript(first),
      /\n {4}\[ "\$template" != "\$accepted" \] \|\| return 0\n[\s\S]*\ncheck_template 4 '' \d{4}-\S+Z\n/,
    );
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      const { metadata } = (object['spec'] as { template: { metadata: { annotations?: object } } }).template;
      metadata.annotations = { ...metadata.annotations, [RESTARTED_AT]: '2025-01-01T08:00:00+08:00' };
    });
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      object['status'] = { ...(object['status'] as object), observedGeneration: Number.MAX_SAFE_INTEGER };
    });
    const { template, restartedAt: at } = await guard({ images: { nginx: 'nginx:1.25.5' } });
    assert.deepEqual(template, {
      path: `{.spec.template.spec.containers[?(@.name=="nginx")].image}{" "}${jsonpath}`,
      before: 'nginx:1.25.4 2025-01-01T08:00:00+08:00',
      after: `nginx:1.25.5 ${at}`,
    });
  });

  it('surges for a restart that is still to come, and for none that every pod has', async () => {
    const rehearsal = settled();
    const once = { ...common, count: 1, dark: false, skipDone: true, restartedAt: '2026-01-01T00:00:00Z' };
    const before = await surge(rehearsal.world, { ...once, dryRun: 'client' });
    assert.equal(before.changed, true);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
      const { template: here } = object['spec'] as { template: { metadata: { annotations?: object } } };
      here.metadata.annotations = { [RESTARTED_AT]: once.restartedAt };
      object['status'] = { ...(object['status'] as object), observedGeneration: 99 };
    });
    assert.equal((await surge(rehearsal.world, { ...once, dryRun: 'client' })).changed, false);
  });

  it('surges for no restart that a later one has overtaken, in any zone of time', async () => {
    const rehearsal = settled();
    const restarted = (at: string) =>
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        const { template: here } = object['spec'] as { template: { metadata: { annotations?: object } } };
        here.metadata.annotations = { [RESTARTED_AT]: at };
        object['status'] = { ...(object['status'] as object), observedGeneration: 99 };
      });
    const once = { ...common, count: 1, dark: false, skipDone: true, restartedAt: '2026-01-01T00:00:00Z' };
    restarted('2026-01-01T08:00:01+08:00');
    const { changed, results } = await surge(rehearsal.world, once);
    assert.deepEqual([changed, results[0]?.action, rehearsal.kube.writes.length], [false, 'already upgraded', 0]);
    restarted('2026-01-01T07:59:59+08:00');
    assert.equal((await surge(rehearsal.world, { ...once, dryRun: 'client' })).changed, true);
  });
});
