import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConflictError, DisagreesError, InterruptedError, RefusedError } from '../../../lib/core/errors.ts';
import type { UpgradeIntent } from '../../../lib/core/intent/intent.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { pod, service } from '../../builders.ts';
import { common, deletions, type Rehearsal, rehearse, upgradeIntent, zero } from '../rehearsal/rehearsal.ts';

const wish = upgradeIntent();
const run = (rehearsal: Rehearsal, more: Partial<UpgradeIntent> = {}) => upgrade(rehearsal.world, { ...wish, ...more });
const conflict = (pattern: RegExp) => (error: unknown) => error instanceof ConflictError && pattern.test(error.message);
const observed = ({ kube }: Rehearsal, status: object = {}) =>
  kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    set['status'] = { ...(set['status'] as object), ...status, observedGeneration: set.metadata.generation };
  });
function setTemplate(rehearsal: Rehearsal, image: string, updateRevision: string): void {
  rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
    const spec = set['spec'] as { template: { spec: { containers: { image: string }[] } } };
    for (const container of spec.template.spec.containers) container.image = image;
  });
  observed(rehearsal, { updateRevision });
}
const imageWrites = ({ kube }: Rehearsal) =>
  kube.writes.filter((call) => JSON.stringify(call.body ?? {}).includes('"containers"'));

describe('an upgrade with which another writer interferes', () => {
  it('never puts its image over the one that they have set meanwhile: it ends, and says whose word is needed', async () => {
    const rehearsal = rehearse();
    rehearsal.clock.at(60_000, () => setTemplate(rehearsal, 'nginx:1.25.3', 'nginx-back'));
    await assert.rejects(
      run(rehearsal, { images: { nginx: 'nginx:1.25.4' } }),
      conflict(/template .*changed by another writer.*nginx=nginx:1\.25\.3, this upgrade is to nginx:1\.25\.4/),
    );
    assert.deepEqual(imageWrites(rehearsal), []);
    assert.ok(deletions(rehearsal).length < 10);
  });
  it('never puts its image over one that they set in the very moment of the write', async () => {
    const rehearsal = rehearse({ settled: true });
    let isSet = false;
    rehearsal.kube.beforeWrite(({ resource }) => {
      if (resource !== 'statefulsets' || isSet) return;
      isSet = true;
      setTemplate(rehearsal, 'nginx:1.26-theirs', 'nginx-theirs');
    });
    await assert.rejects(run(rehearsal, { images: { nginx: 'nginx:1.27' } }), conflict(/became nginx-theirs/));
    assert.equal(isSet, true);
    assert.deepEqual(deletions(rehearsal), []);
    assert.match(JSON.stringify(rehearsal.kube.object(STATEFUL_SETS, 'nginx')), /"nginx:1\.26-theirs"/);
  });
  it('reports it when a webhook keeps another image than the one it wrote, and goes on with that one named', async () => {
    const rehearsal = rehearse();
    const { kube } = rehearsal.world;
    const write = kube.patch.bind(kube);
    const patch: typeof kube.patch = async (resource, name, body, options) => {
      const kept = await write(resource, name, body, options);
      if (!JSON.stringify(body).includes('"containers"')) return kept;
      setTemplate(rehearsal, 'mirror/nginx:1.26.0', 'nginx-mirror');
      return rehearsal.kube.object(STATEFUL_SETS, 'nginx') ?? assert.fail();
    };
    Object.assign(kube, { patch });
    await assert.rejects(
      run(rehearsal, { images: { nginx: 'nginx:1.26.0' } }),
      (error: unknown) =>
        error instanceof DisagreesError &&
        /was given nginx=nginx:1\.26\.0 and keeps nginx=mirror\/nginx:1\.26\.0: an admission webhook/.test(
          error.message,
        ) &&
        /--image nginx=mirror\/nginx:1\.26\.0;/.test(error.hint ?? ''),
    );
    assert.deepEqual(deletions(rehearsal), []);
    await run(rehearsal, { images: { nginx: 'mirror/nginx:1.26.0' } });
    assert.equal(deletions(rehearsal).length, 10);
  });
  it('deletes no pod for a template that came while it waited for zero', async () => {
    const rehearsal = rehearse();
    rehearsal.source.counts.set('nginx-0', (nowMs) => (nowMs - rehearsal.clock.startMs < 40_000 ? 3 : 0));
    rehearsal.clock.at(20_000, () => setTemplate(rehearsal, 'nginx:1.25.4', 'nginx-env'));
    await assert.rejects(run(rehearsal), conflict(/revision nginx-\w+ became nginx-env/));
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('ends when a Service no longer leads to the pods', async () => {
    const rehearsal = rehearse({ services: [service(), service({ name: 'inner', selector: { app: 'nginx' } })] });
    rehearsal.clock.at(30_000, () => {
      rehearsal.kube.edit(SERVICES, 'inner', (object) => {
        (object['spec'] as { selector: object }).selector = { app: 'other' };
      });
    });
    await assert.rejects(run(rehearsal), conflict(/service\/inner no longer selects the pods/));
  });
  it('says that it was scaled, and keeps what is more than its surge: which count is to stay is for people to say', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    rehearsal.clock.at(30_000, () => {
      rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (object) => {
        (object['spec'] as { replicas: number }).replicas = 7;
      });
      const set = observed(rehearsal);
      const { updateRevision } = set['status'] as { updateRevision: string };
      for (const ordinal of [5, 6])
        rehearsal.kube.put(pod({ statefulSet: set, ordinal, revision: updateRevision, ip: `10.0.1.${10 + ordinal}` }));
    });
    await assert.rejects(
      run(rehearsal, { surge: 1 }),
      (error: unknown) =>
        error instanceof RefusedError &&
        error.refusals[0]?.rule === 'scale-is-ours' &&
        /has 7 replicas, and the surge had scaled it from 4 to 5/.test(error.message),
    );
    assert.match(rehearsal.report.text, /scaled by another writer during this run, from 5 to 7 replicas/);
    const replicas = () =>
      (rehearsal.kube.object(STATEFUL_SETS, 'nginx')?.['spec'] as { replicas: number } | undefined)?.replicas;
    await assert.rejects(restore(rehearsal.world, { ...common, ...zero, weightsOnly: false }), RefusedError);
    assert.equal(replicas(), 7);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, 'kubectl-zeroloss/former-replicas': '7' };
    });
    await run(rehearsal);
    assert.equal(replicas(), 7);
    assert.deepEqual(
      Object.keys(rehearsal.kube.object(STATEFUL_SETS, 'nginx')?.metadata.annotations ?? {}).filter((key) =>
        key.includes('kubectl-zeroloss/'),
      ),
      [],
    );
  });
});

describe('a surge that was interrupted', () => {
  it('comes to its end before the image is set, so that no surplus pod is born on the new one', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    await surge(rehearsal.world, { ...common, count: 1, dark: false, timeoutMs: 0 }).catch(() => undefined);
    rehearsal.kube.remove(PODS, 'nginx-4');
    const surplus: string[] = [];
    rehearsal.kube.beforeWrite((call) => {
      if (JSON.stringify(call.body ?? {}).includes('"containers"'))
        surplus.push(...rehearsal.kube.objects(PODS).map(({ metadata }) => metadata.name));
      if (surplus.length > 0) throw new Error('far enough');
    });
    const set = rehearsal.kube.object(STATEFUL_SETS, 'nginx') as KubeObject;
    rehearsal.clock.at(rehearsal.clock.now() - rehearsal.clock.startMs + 5_000, () => {
      rehearsal.kube.put(pod({ statefulSet: set, ordinal: 4, ip: '10.0.1.14' }));
    });
    await assert.rejects(run(rehearsal, { surge: 1, images: { nginx: 'nginx:2' } }), /far enough/);
    assert.ok(surplus.includes('nginx-4'));
  });
});

describe('an upgrade that is stopped', () => {
  it('names the state, and the ways on and back', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [4, 5] });
    rehearsal.source.counts.set('nginx-4', 2);
    const leaseHolder = { identity: 'me@here/1', isGone: () => false };
    const stop = new AbortController();
    rehearsal.clock.at(30_000, () => stop.abort(new InterruptedError('SIGINT', 'interrupted')));
    await assert.rejects(
      upgrade({ ...rehearsal.world, signal: stop.signal, leaseHolder }, wish),
      (error: unknown) =>
        error instanceof InterruptedError &&
        error.exitCode === 130 &&
        /0 of 10 pods are updated; ordinals 4,5 at weight 0/.test(error.message) &&
        /to go on: .*\nto go back: .*restore nginx/.test(error.hint ?? ''),
    );
    assert.deepEqual(deletions(rehearsal), []);
  });
});
