import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countingCloud } from '../../../bench/requests/counting-cloud.ts';
import { createLoadBalancer } from '../../../lib/clb/clb-load-balancer.ts';
import type { Facts } from '../../../lib/core/facts/facts.ts';
import type { Observation } from '../../../lib/core/facts/observation.ts';
import { gather } from '../../../lib/flows/target/gather.ts';
import { observe } from '../../../lib/flows/target/observe.ts';
import { PODS, SERVICES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { World } from '../../../lib/ports.ts';
import { annotation, common, type Rehearsal, RS_WEIGHT, rehearse } from '../../flows/rehearsal/rehearsal.ts';

/** A rehearsal with the cloud that the bench has. */
function measured(): { rehearsal: Rehearsal; world: World; cloud: ReturnType<typeof countingCloud> } {
  const rehearsal = rehearse({ replicas: 3 });
  const version = () => `${rehearsal.kube.versionOf(PODS)} ${annotation(rehearsal)}`;
  const cloud = countingCloud(rehearsal.balancer, ['lb-nginx'], rehearsal.clock, version);
  return { rehearsal, cloud, world: { ...rehearsal.world, balancer: createLoadBalancer(cloud, rehearsal.clock) } };
}

async function look(world: World, before?: Observation): Promise<{ facts: Facts; observation: Observation }> {
  const facts = await gather(world, common);
  return { facts, observation: await observe(world, facts, before === undefined ? {} : { health: false, before }) };
}

const drainByHand = ({ kube }: Rehearsal): void => {
  const text = JSON.stringify({
    defaultWeight: 10,
    groups: [
      {
        key: { proto: 'TCP', port: 80 },
        statefulSets: [{ name: 'nginx', weights: [{ weight: 0, podIndexes: [1] }] }],
      },
    ],
  });
  kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: text };
  });
};

const weightsOf = ({ bindings }: Observation): number[] =>
  bindings.filter(({ port }) => port.port === 80).flatMap((each) => each.bindings.map(({ weight }) => weight));

describe('a world in memory that has not changed', () => {
  it('gives the same facts at each look, and asks cluster and cloud as often as any other', async () => {
    const { world, rehearsal, cloud } = measured();
    const first = await look(world);
    const [asked, called] = [rehearsal.kube.calls.length, cloud.calls.get('DescribeTargets')];
    const second = await look(world);
    assert.equal(second.facts, first.facts);
    assert.equal(second.observation, first.observation);
    assert.equal(rehearsal.kube.calls.length, 2 * asked);
    assert.equal(cloud.calls.get('DescribeTargets'), 2 * (called ?? 0));
  });

  it('is read anew for other wishes', async () => {
    const { world } = measured();
    const { facts } = await look(world);
    assert.notEqual(await gather(world, { ...common, services: ['nginx'] }), facts);
    assert.notEqual(await gather(world, common, { unreadable: 'report' }), facts);
  });

  it('keeps the health that a look without it carries on', async () => {
    const { world } = measured();
    const full = await look(world);
    const carried = await look(world, full.observation);
    const again = await look(world, carried.observation);
    assert.equal(again.observation, carried.observation);
    assert.deepEqual(
      again.observation.bindings.flatMap((each) => each.bindings.map(({ health }) => health)),
      full.observation.bindings.flatMap((each) => each.bindings.map(({ health }) => health)),
    );
  });
});

describe('a change in a world in memory', () => {
  it('of a weight is seen at the next look, with and without health', async () => {
    const { world, rehearsal } = measured();
    const first = await look(world);
    drainByHand(rehearsal);
    assert.deepEqual(weightsOf((await look(world, first.observation)).observation), [10, 0, 10]);
    const { facts, observation } = await look(world);
    assert.deepEqual(facts.drainSet, [1]);
    assert.deepEqual(weightsOf(observation), [10, 0, 10]);
  });

  it('of a pod or of the StatefulSet is seen at the next look', async () => {
    const { world, rehearsal } = measured();
    await look(world);
    rehearsal.kube.remove(PODS, 'nginx-2');
    const { facts, observation } = await look(world);
    assert.deepEqual(
      facts.pods.map(({ ordinal }) => ordinal),
      [0, 1],
    );
    assert.deepEqual(weightsOf(observation), [10, 10]);
    rehearsal.kube.edit(STATEFUL_SETS, 'nginx', (set) => {
      (set['spec'] as { replicas: number }).replicas = 2;
    });
    assert.equal((await look(world)).facts.set.replicas, 2);
  });
});
