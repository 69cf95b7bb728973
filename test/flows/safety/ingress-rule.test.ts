import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StatusError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { common, rehearse } from '../rehearsal/rehearsal.ts';

const forbidden = new StatusError(403, 'Forbidden', 'ingresses is forbidden');
const notServed = new StatusError(404, 'NotFound', 'the server could not find the requested resource');

describe('an operator is warned that an Ingress may lead to the pods, and drains', () => {
  for (const [when, error] of [
    ['when Ingresses may not be listed', forbidden],
    ['when the cluster does not serve Ingresses', notServed],
  ] as const)
    it(when, async () => {
      const { kube, world, report } = rehearse();
      kube.failNext({ verb: 'list', resource: 'ingresses' }, error, 10);
      await drain(world, { ...common, ordinals: [0] });
      assert.deepEqual(report.warnings, [
        `whether an Ingress leads to the pods of statefulset/nginx is unknown: ${error.message}`,
      ]);
    });

  it('but not with --ignore-ingress, which asks for none', async () => {
    const { kube, world, report } = rehearse();
    kube.failNext({ verb: 'list', resource: 'ingresses' }, forbidden, 10);
    await drain(world, { ...common, ordinals: [0], ignoreIngress: true });
    assert.deepEqual(report.warnings, []);
  });
});
