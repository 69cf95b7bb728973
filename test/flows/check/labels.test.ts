import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import { service } from '../../builders.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';
import { checked, foreign, found } from './cases.ts';

const POOL = 'networking.cloud.tencent.com/enable-clb-port-mapping';

describe('check of Services that select by other labels than the template has', () => {
  it('names the Service, its pod and the label, and what lets the drain through', async () => {
    const one = service({
      name: 'one',
      ports: [{ port: 9000, targetPort: 80 }],
      selector: { app: 'nginx', 'statefulset.kubernetes.io/pod-name': 'nginx-0' },
    });
    const { findings, code } = await checked(rehearse({ services: [service(), one] }));
    const { message, cure } = found(findings, 'alone', 'WARN') ?? {};
    assert.match(
      message ?? '',
      /service\/one selects nginx-0 \(by statefulset\.kubernetes\.io\/pod-name=nginx-0\) alone/,
    );
    assert.equal(String(cure), 'kubectl zeroloss drain nginx 0 --allow-alone one');
    assert.equal(found(findings, 'selected-by-label', 'WARN'), undefined);
    assert.equal(code, 0);
  });
  it('warns that a label set at run time may move, and fails for no Service', async () => {
    const active = service({ name: 'active', selector: { app: 'nginx', active: 'true' } });
    const rehearsal = rehearse({ services: [active] });
    rehearsal.kube.edit(PODS, 'nginx-1', ({ metadata }) => {
      metadata.labels = { ...metadata.labels, active: 'true' };
    });
    const { findings } = await checked(rehearsal);
    assert.match(
      found(findings, 'selected-by-label', 'WARN')?.message ?? '',
      /service\/active selects nginx-1 \(by active=true\), which the template does not give/,
    );
    assert.ok(found(findings, 'service-found', 'OK'));
  });
});

describe('pods with a listener of their own from a port pool', () => {
  it('are named by check, and in the refusal of a drain', async () => {
    const rehearsal = rehearse({
      set: { merge: { spec: { template: { metadata: { annotations: { [POOL]: 'true' } } } } } },
    });
    for (const { metadata } of rehearsal.kube.objects(PODS))
      rehearsal.kube.edit(PODS, metadata.name, (object) => {
        object.metadata.annotations = { ...object.metadata.annotations, [POOL]: 'true' };
      });
    assert.match(
      found((await checked(rehearsal)).findings, 'listener-per-pod', 'WARN')?.message ?? '',
      /nginx-0, nginx-1, nginx-2 and 7 more have a listener per pod from a CLB port pool/,
    );
    rehearsal.balancer.foreign.push(foreign());
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), /own listener from a CLB port pool/);
  });
});
