import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

import { type Case, checked, foreign, found, shows } from './cases.ts';

const ingress: KubeObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'front', namespace: 'default' },
  spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'nginx', port: { number: 80 } } } }] } }] },
};

/** States that drain refuses: check has to FAIL in them under the same name. */
const REFUSED: readonly Case[] = [
  { name: 'RollingUpdate', rule: 'on-delete', options: { set: { updateStrategy: 'RollingUpdate' } } },
  {
    name: 'a StatefulSet that is being deleted',
    rule: 'not-deleting',
    options: { set: { merge: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } } } },
  },
  { name: 'no Service', rule: 'service-found', options: { services: [] } },
  { name: 'no direct access', rule: 'direct-access', options: { service: { directAccess: false } } },
  {
    name: 'mode: skip',
    rule: 'controller-active',
    options: { service: { annotations: { 'service.cloud.tencent.com/mode': 'skip' } } },
  },
  {
    name: 'target groups',
    rule: 'no-target-group',
    options: { service: { annotations: { 'service.cloud.tencent.com/target-groups': '[]' } } },
  },
  {
    name: 'a listener that is bound to a target group',
    rule: 'no-target-group',
    arrange: shows({ targetType: 'TARGETGROUP-V2' }),
  },
  {
    name: 'no load balancer yet',
    rule: 'balancer-known',
    options: { service: { merge: { metadata: { annotations: { 'service.kubernetes.io/loadbalance-id': null } } } } },
  },
  {
    name: 'RescheduleTargetZeroWeight',
    rule: 'no-reschedule',
    arrange: shows({ flags: ['RescheduleTargetZeroWeight'] }),
  },
  { name: 'an annotation that cannot be read', rule: 'annotation-parses', options: { service: { rsWeight: '{' } } },
  {
    name: 'a key that spells the protocol in another way',
    rule: 'key-spelling',
    options: { service: { rsWeight: '{"groups":[{"key":{"proto":"Tcp","port":80}}]}' } },
  },
  {
    name: 'a record of the former weights that cannot be read',
    rule: 'record-parses',
    options: {
      service: {
        rsWeight:
          '{"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"nginx","weights":[{"weight":0,"podIndexes":[9]}]}]}]}',
        annotations: { 'nginx.kubectl-zeroloss/former-lb-rs-weight': '{' },
      },
    },
  },
  {
    name: 'custom-weight on the template',
    rule: 'no-custom-weight',
    options: {
      set: {
        merge: {
          spec: { template: { metadata: { annotations: { 'service.cloud.tencent.com/custom-weight': '50' } } } },
        },
      },
    },
  },
  {
    name: 'custom-weight on one pod',
    rule: 'no-custom-weight',
    arrange: ({ kube }) =>
      void kube.edit(PODS, 'nginx-3', (object) => {
        object.metadata.annotations = { 'ingress.cloud.tencent.com/custom-weight': '1' };
      }),
  },
  {
    name: 'another load balancer that binds a pod',
    rule: 'no-other-binding',
    arrange: ({ balancer }) => void balancer.foreign.push(foreign()),
  },
  { name: 'an Ingress to the same Service', rule: 'no-ingress', arrange: ({ kube }) => void kube.put(ingress) },
  {
    name: 'a listener without any healthy backend',
    rule: 'some-healthy',
    arrange: ({ balancer }) => {
      for (let ordinal = 0; ordinal < 10; ordinal++) balancer.health.set(`nginx-${ordinal}`, 'dead');
    },
  },
  {
    name: 'a listener on which every weight is 0',
    rule: 'some-weight',
    arrange: ({ balancer }) => {
      for (let ordinal = 0; ordinal < 10; ordinal++) balancer.override.set(`nginx-${ordinal}`, 0);
    },
  },
  {
    name: 'too few backends',
    rule: 'floor',
    arrange: ({ balancer }) => {
      for (let ordinal = 4; ordinal < 10; ordinal++) balancer.health.set(`nginx-${ordinal}`, 'dead');
    },
  },
];

describe('a refusal of drain is a FAIL of check under the same name, with exit 4', () => {
  for (const { name, rule, options, arrange } of REFUSED) {
    it(name, async () => {
      const rehearsal = rehearse(options);
      arrange?.(rehearsal);
      const { findings, code } = await checked(rehearsal);
      assert.ok(found(findings, rule, 'FAIL'), JSON.stringify(findings.filter(({ level }) => level === 'FAIL')));
      assert.equal(code, 4);
      assert.deepEqual(
        rehearsal.kube.writes.filter(({ resource }) => resource !== 'selfsubjectaccessreviews'),
        [],
      );
      await assert.rejects(
        drain(rehearsal.world, { ...common, ordinals: [0] }),
        (error: unknown) => error instanceof RefusedError && error.refusals.some((each) => each.rule === rule),
      );
    });
  }

  it('and where it fails nothing, drain goes through', async () => {
    const rehearsal = rehearse();
    const { counts, code } = await checked(rehearsal);
    assert.deepEqual([counts.FAIL, code], [0, 0]);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
  });
});
