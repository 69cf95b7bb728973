import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TKE } from '../../../lib/core/facts/service-facts.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { SERVICES } from '../../../lib/ports/resources.ts';
import { checked, found } from '../check/cases.ts';
import { annotation, common, deletions, rehearse, zero } from '../rehearsal/rehearsal.ts';

describe('a serverless cluster, whose load balancers bind pods without the annotation', () => {
  const serverless = () => {
    const rehearsal = rehearse({ service: { directAccess: false } });
    rehearsal.balancer.serverless = true;
    return rehearsal;
  };
  it('is worked on: what the load balancer shows decides', async () => {
    const rehearsal = serverless();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[0\]/);
    await waitZero(rehearsal.world, { ...common, ...zero });
    await recreate(rehearsal.world, { ...common, ...zero, evict: false, force: false });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('has no FAIL for the missing annotation', async () => {
    const { findings } = await checked(serverless());
    assert.equal(found(findings, 'direct-access', 'FAIL'), undefined);
    assert.ok(found(findings, 'direct-access', 'OK'));
  });
  it('refuses a Service with "false", although its load balancer still binds pods', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.serverless = true;
    rehearsal.kube.edit(SERVICES, 'nginx', (service) => {
      service.metadata.annotations = { ...service.metadata.annotations, [TKE.directAccess]: 'false' };
    });
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), /does not bind pods directly/);
    assert.deepEqual(rehearsal.kube.writes, []);
  });
  it('is not taken for one where the load balancer cannot be asked: the annotation counts then', async () => {
    const rehearsal = serverless();
    rehearsal.balancer.failure = new Error('no cloud key');
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), /does not bind pods directly/);
  });
});
