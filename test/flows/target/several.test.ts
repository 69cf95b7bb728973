import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { planScript } from '../../../lib/core/plan/script.ts';
import type { UpgradePlan } from '../../../lib/core/plan/upgrade-plan.ts';
import { advance } from '../../../lib/flows/verbs/advance.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { plan } from '../../../lib/flows/verbs/plan.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { pod, podsOf, service, statefulSet } from '../../builders.ts';
import { annotation, common, rehearse, zero } from '../rehearsal/rehearsal.ts';

const whole = { ...common, ...zero, weightsOnly: false };

describe('two StatefulSets behind one Service', () => {
  const shared =
    '{"defaultWeight":10,"groups":[{"key":{"proto":"TCP","port":80},"statefulSets":[{"name":"canary","weights":[{"weight":0,"podIndexes":[0]},{"weight":3,"podIndexes":[1]}]}]}]}';
  const both = () => {
    const rehearsal = rehearse({ service: { rsWeight: shared }, updated: [1] });
    const other = statefulSet({
      name: 'canary',
      replicas: 2,
      merge: { spec: { template: { metadata: { labels: { app: 'nginx' } } } } },
    });
    rehearsal.kube.put(other);
    for (const each of podsOf(other, (ordinal) => ({ ip: `10.9.0.${10 + ordinal}` }))) rehearsal.kube.put(each);
    return rehearsal;
  };
  it('only our entries change, and restore gives the text back as it was', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const text = annotation(rehearsal) ?? '';
    assert.match(
      text,
      /"name":"canary","weights":\[\{"weight":0,"podIndexes":\[0\]\},\{"weight":3,"podIndexes":\[1\]\}\]/,
    );
    assert.match(text, /"name":"nginx","weights":\[\{"weight":0,"podIndexes":\[0,1\]\}\]/);
    await restore(rehearsal.world, whole);
    assert.equal(annotation(rehearsal), shared);
  });
  it('a drain of the other set is none of ours', async () => {
    const rehearsal = both();
    await drain(rehearsal.world, { ...common, ordinals: [1] });
    await advance(rehearsal.world, common);
    assert.match(annotation(rehearsal) ?? '', /"name":"canary","weights":\[\{"weight":0,"podIndexes":\[0\]\}/);
    assert.match(annotation(rehearsal) ?? '', /"name":"nginx","weights":\[\{"weight":0,"podIndexes":\[0\]\}\]/);
  });
});

describe('spec.ordinals.start above 0', () => {
  const shifted = () => {
    const set = statefulSet({ replicas: 4, ordinalsStart: 5, updateRevision: 'nginx-7d9b546c8f' });
    const rehearsal = rehearse({ replicas: 0 });
    rehearsal.kube.put(set);
    for (const each of podsOf(set, (ordinal) => ({ ip: `10.0.5.${ordinal}` }))) rehearsal.kube.put(each);
    return rehearsal;
  };
  it('podIndexes are the numbers in the pod names, and the weights are confirmed by address at the load balancer', async () => {
    const rehearsal = shifted();
    await drain(rehearsal.world, { ...common, ordinals: [5, 6] });
    assert.match(annotation(rehearsal) ?? '', /"podIndexes":\[5,6\]/);
    const shown = await rehearsal.balancer.observe({ id: 'lb-nginx' });
    const weights = Object.fromEntries((shown.listeners[0]?.backends ?? []).map((each) => [each.address, each.weight]));
    assert.deepEqual(weights, { '10.0.5.5': 0, '10.0.5.6': 0, '10.0.5.7': 10, '10.0.5.8': 10 });
  });
  it('a controller that counts from 0 instead is seen at the load balancer: the drain does not end well', async () => {
    const rehearsal = shifted();
    rehearsal.balancer.override.set('nginx-5', 10);
    await assert.rejects(
      drain(rehearsal.world, { ...common, ordinals: [5] }),
      /shows nginx-5 at weight 10 on TCP\/80, wanted 0/,
    );
  });
  it('an ordinal below the start does not exist', async () => {
    await assert.rejects(drain(shifted().world, { ...common, ordinals: [0] }), /no ordinal 0: it has 5-8/);
  });
});

describe('an Ingress before the same pods', () => {
  const ingress = (backend: string): KubeObject => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      rules: [{ http: { paths: [{ path: '/', backend: { service: { name: backend, port: { number: 80 } } } }] } }],
    },
  });
  const before = (backend: string, services: KubeObject[] = [service()]) => {
    const rehearsal = rehearse({ services });
    rehearsal.kube.put(ingress(backend));
    return rehearsal;
  };
  const refused = (error: unknown) =>
    error instanceof RefusedError &&
    error.refusals.some(({ rule, override }) => rule === 'no-ingress' && override === '--ignore-ingress');

  it('refuses the drain, and nothing is written', async () => {
    const rehearsal = before('nginx');
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), refused);
    assert.equal(rehearsal.kube.writes.length, 0);
  });
  it('refuses it for a Service of any type that selects the pods', async () => {
    const rehearsal = before('inner', [
      service(),
      service({ name: 'inner', type: 'ClusterIP', selector: { app: 'nginx' } }),
    ]);
    await assert.rejects(drain(rehearsal.world, { ...common, ordinals: [0] }), refused);
  });
  it('refuses to advance to the next batch, but not to give the last one its traffic back', async () => {
    const on = (updated: number[]) => {
      const rehearsal = rehearse({ replicas: 4, updated });
      return { rehearsal, add: () => rehearsal.kube.put(ingress('nginx')) };
    };
    const middle = on([0]);
    await drain(middle.rehearsal.world, { ...common, ordinals: [0] });
    middle.add();
    const before = annotation(middle.rehearsal);
    await assert.rejects(advance(middle.rehearsal.world, common), refused);
    assert.equal(annotation(middle.rehearsal), before, 'nothing was written');
    await advance(middle.rehearsal.world, { ...common, ignoreIngress: true });
    assert.match(annotation(middle.rehearsal) ?? '', /"podIndexes":\[1\]/);

    const last = on([0, 1, 2, 3]);
    await drain(last.rehearsal.world, { ...common, ordinals: [3] });
    last.add();
    assert.equal((await advance(last.rehearsal.world, common)).exitCode, 3);
    assert.equal(annotation(last.rehearsal), undefined);
  });
  it('is a refusal of the plan beside those of the load balancer, unless every draining step says to ignore it', async () => {
    const wish = {
      ...common,
      images: { nginx: 'nginx:2' },
      batch: 4,
      surge: 0,
      soakMs: 0,
      stableForMs: 30_000,
      countingWords: [],
    };
    const rehearsal = before('nginx');
    rehearsal.balancer.listener = { flags: ['RescheduleTargetZeroWeight'] };
    assert.deepEqual(
      (await plan(rehearsal.world, wish)).refusals.map(({ rule }) => rule),
      ['no-ingress', 'no-reschedule'],
    );
    const ignoring = await plan(before('nginx').world, { ...wish, surge: 1, ignoreIngress: true });
    assert.deepEqual(ignoring.refusals, []);
    const script = planScript(ignoring.details as UpgradePlan);
    const draining = script.split('\n').filter((line) => /^kubectl zeroloss (drain|advance) /.test(line));
    assert.equal(draining.length, 6, script);
    for (const line of draining) assert.match(line, / --ignore-ingress -n default( |$)/);
    assert.equal(script.match(/--ignore-ingress/g)?.length, draining.length, 'and no other step takes the flag');
  });
  it('lets pass what leads elsewhere, what is overridden, and what may not be read', async () => {
    await drain(before('other').world, { ...common, ordinals: [0] });
    await drain(before('nginx').world, { ...common, ordinals: [0], ignoreIngress: true });
    const blind = before('nginx');
    blind.kube.failNext({ verb: 'list', resource: 'ingresses' }, new StatusError(403, 'Forbidden', 'no'), 9);
    await drain(blind.world, { ...common, ordinals: [0] });
  });
});

it('several Services before one StatefulSet are drained together, each on its ports', async () => {
  const rehearsal = rehearse({
    services: [
      service(),
      service({ name: 'inner', selector: { app: 'nginx' }, ports: [{ port: 8080, targetPort: 80 }] }),
    ],
  });
  rehearsal.kube.put(pod({ ordinal: 99 }));
  await drain(rehearsal.world, { ...common, ordinals: [3] });
  assert.match(annotation(rehearsal) ?? '', /"port":80\}.*"podIndexes":\[3\]/);
  assert.match(annotation(rehearsal, 'inner') ?? '', /"port":8080\}.*"podIndexes":\[3\]/);
});
