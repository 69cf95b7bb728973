import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { zeroGrounds } from '../../../lib/flows/batch/zero-grounds.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, deletions, type Rehearsal, rehearse, showWriters, zero } from '../rehearsal/rehearsal.ts';

const TENCENT = 'service.cloud.tencent.com';
const annotate = ({ kube }: Rehearsal, resource: typeof SERVICES, name: string, annotations: Record<string, string>) =>
  kube.edit(resource, name, ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, ...annotations };
  });

/** By which the pod comes to have connections again, with no write of a weight. */
const binds: [string, (rehearsal: Rehearsal) => unknown][] = [
  ['mode: skip', (each) => annotate(each, SERVICES, 'nginx', { [`${TENCENT}/mode`]: 'skip' })],
  ['nodes bound', (each) => annotate(each, SERVICES, 'nginx', { [`${TENCENT}/direct-access`]: 'false' })],
  [
    'another load balancer',
    (each) => annotate(each, SERVICES, 'nginx', { 'service.kubernetes.io/tke-existed-lbid': 'lb-2' }),
  ],
  [
    'another type',
    ({ kube }) =>
      kube.edit(SERVICES, 'nginx', (object) => void Object.assign(object['spec'] as object, { type: 'NodePort' })),
  ],
  ['a weight of the pod itself', (each) => annotate(each, PODS, 'nginx-0', { [`${TENCENT}/custom-weight`]: '10' })],
];

describe('a change of how the pods are bound, between the last look and the deletion', () => {
  for (const [what, act] of binds)
    it(`voids the proof: ${what}`, async () => {
      const rehearsal = rehearse();
      showWriters(rehearsal);
      const { world, kube, clock, source } = rehearsal;
      await drain(world, { ...common, ordinals: [0] });
      const create = kube.create.bind(kube);
      let isFirst = true;
      kube.create = async (resource, object, options) => {
        if (isFirst && 'reason' in object && object.reason === 'ZerolossRecreating') {
          isFirst = false;
          act(rehearsal);
          source.counts.set('nginx-0', 3);
          await clock.sleep(20_000);
        }
        return create(resource, object, options);
      };
      await assert.rejects(recreate(world, { ...common, ...zero, evict: false, force: false, timeoutMs: 120_000 }));
      assert.equal(isFirst, false);
      assert.deepEqual(deletions(rehearsal), []);
    });

  it('is not a mark of the controller on a Service that leads to one pod of a batch, or to none of it', async () => {
    const label = 'statefulset.kubernetes.io/pod-name';
    const own = (name: string, pod: string) => service({ name, selector: { [label]: pod } });
    const rehearsal = rehearse({ services: [service(), own('zero', 'nginx-0'), own('nine', 'nginx-9')] });
    for (const name of ['nginx', 'zero', 'nine']) showWriters(rehearsal, name);
    const { kube, clock, world } = rehearsal;
    for (const each of kube.objects(PODS))
      kube.edit(PODS, each.metadata.name, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, [label]: metadata.name };
      });
    await drain(world, {
      ...common,
      ordinals: [0, 1, 9],
      allowAlone: ['zero', 'nine'],
      minServing: { kind: 'count', count: 1 },
    });
    await clock.sleep(3000);
    const grounds = zeroGrounds(clock, common, { facts: await gather(world, common), atMs: clock.now() }, [0, 1]);
    for (const name of ['nginx', 'zero', 'nine']) {
      annotate(rehearsal, SERVICES, name, { [`${TENCENT}/sync-begin-time`]: `${clock.now()}`, note: 'x' });
      assert.equal(grounds.holdAt(await gather(world, common)), true, name);
    }
    annotate(rehearsal, SERVICES, 'zero', { [`${TENCENT}/mode`]: 'skip' });
    assert.equal(grounds.holdAt(await gather(world, common)), false);
  });
});
