import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError, StatusError } from '../../../lib/core/errors.ts';
import { REQUIRED_ACTIONS } from '../../../lib/core/safety/required-access.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { TriedAction } from '../../../lib/ports.ts';
import { service } from '../../builders.ts';
import { FakeKube } from '../../fakes/api/kube.ts';
import { cloudDown, common, FakeSource, rehearse, zero } from '../rehearsal/rehearsal.ts';

import { checked, controllerConfig, foreign, found, wish } from './cases.ts';

const allActions = (): TriedAction[] =>
  REQUIRED_ACTIONS.map(({ action }) => ({ action, allowed: true, because: 'answered' }));

describe('the floor', () => {
  it('reached by the drained pods is no failure, and the next command goes on with them', async () => {
    const rehearsal = rehearse({ replicas: 4 });
    await drain(rehearsal.world, { ...common, ordinals: [0, 1] });
    const { findings, code } = await checked(rehearsal);
    const { message, cure } = found(findings, 'floor', 'WARN') ?? assert.fail();
    assert.deepEqual(
      [message, String(cure), code],
      [
        'ordinals 0,1 drained: the floor of 2 backends allows no other pod until they have their weight back',
        'kubectl zeroloss wait-zero nginx',
        0,
      ],
    );
    assert.deepEqual((await check(rehearsal.world, wish)).next.map(String), ['kubectl zeroloss wait-zero nginx']);
    rehearsal.balancer.health.set('nginx-2', 'dead');
    const broken = found((await checked(rehearsal)).findings, 'floor', 'FAIL');
    assert.match(String(broken?.cure), /^kubectl zeroloss restore nginx /);
  });

  it('after a scale-in that was stopped has two ways on: weight back, or the rest of the scale-in', async () => {
    const rehearsal = rehearse({ settled: true, replicas: 4 });
    await drain(rehearsal.world, { ...common, ordinals: [2, 3] });
    const ways = [
      'kubectl zeroloss advance nginx   # gives ordinals 2,3 weight back',
      'kubectl zeroloss scale nginx 2   # or takes ordinals 2,3 away at zero, where a scale-in was stopped',
    ];
    assert.deepEqual((await check(rehearsal.world, wish)).next.map(String), ways);
    const { findings } = await checked(rehearsal);
    assert.equal(String(found(findings, 'floor', 'WARN')?.cure), ways.join('\n'));
  });

  it('that no batch of the new template keeps is cured by the surge of an upgrade, and not by one with full weight', async () => {
    const floor = { minServing: { kind: 'count', count: 99 } } as const;
    const cure = async (updated: readonly number[]) =>
      String(found((await checked(rehearse({ replicas: 2, updated }), floor)).findings, 'floor', 'FAIL')?.cure);
    assert.match(await cure([]), /^kubectl zeroloss plan nginx --surge 1 /);
    assert.match(await cure([0, 1]), /^kubectl zeroloss surge nginx /);
  });
});

describe('a consequence of a worse finding', () => {
  it('is held back: without direct access no floor is judged, and no surge is the cure', async () => {
    const floor = { minServing: { kind: 'count', count: 99 } } as const;
    assert.ok(found((await checked(rehearse(), floor)).findings, 'floor', 'FAIL'));
    const { findings, code } = await checked(rehearse({ service: { directAccess: false } }), floor);
    assert.ok(found(findings, 'direct-access', 'FAIL'));
    assert.equal(found(findings, 'floor', 'FAIL'), undefined);
    assert.match(found(findings, 'not-checked', 'WARN')?.message ?? '', /^follows from direct-access, .*floor/);
    assert.equal(code, 4);
  });
});

describe('unknown is never OK', () => {
  it('when the cloud cannot be read, that is a failure, and no finding about the load balancer is OK', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.failure = cloudDown;
    const { findings, code } = await checked(rehearsal);
    assert.match(found(findings, 'balancer-readable', 'FAIL')?.message ?? '', /the cloud is down/);
    assert.deepEqual(
      findings.filter(({ group, level }) => group === 'load balancer' && level === 'OK'),
      [],
    );
    assert.equal(code, 4);
  });

  it('when lists are forbidden, each is a warning', async () => {
    for (const [resource, rule] of [
      ['ingresses', 'no-ingress'],
      ['horizontalpodautoscalers', 'no-autoscaler'],
      ['poddisruptionbudgets', 'disruption-budget'],
    ] as const) {
      const rehearsal = rehearse();
      rehearsal.kube.failNext({ verb: 'list', resource }, new StatusError(403, 'Forbidden', 'no'));
      assert.match(found((await checked(rehearsal)).findings, rule, 'WARN')?.message ?? '', /unknown/);
    }
  });

  it('when Services may not be listed, those that were named are checked, and what else leads to the pods is unknown', async () => {
    const rehearsal = rehearse();
    const no = new StatusError(403, 'Forbidden', 'services is forbidden');
    rehearsal.kube.failNext({ verb: 'list', resource: 'services' }, no, 9);
    const { findings } = await checked(rehearsal, { services: ['nginx'] });
    assert.match(found(findings, 'service-left-out', 'WARN')?.message ?? '', /unknown: .*services is forbidden/);
    assert.match(found(findings, 'no-ingress', 'WARN')?.message ?? '', /unknown: .*services is forbidden/);
    assert.ok(found(findings, 'service-found', 'OK'));
  });

  it('when other bindings cannot be looked up, check warns and drain reports it', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.bindingsOf = async () => {
      throw cloudDown;
    };
    assert.match(found((await checked(rehearsal)).findings, 'no-other-binding', 'WARN')?.message ?? '', /unknown/);
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    assert.match(rehearsal.report.warnings.join(), /another load balancer .* is unknown/);
  });

  it('when no source can count, that is a failure', async () => {
    const rehearsal = rehearse();
    rehearsal.source.countable = false;
    assert.ok(found((await checked(rehearsal)).findings, 'countable', 'FAIL'));
  });

  it('when a source that was asked for cannot count, that is the failure that wait-zero is refused for', async () => {
    const rehearsal = rehearse();
    const other = new FakeSource(rehearsal.clock, 'other');
    other.countable = false;
    rehearsal.world = { ...rehearsal.world, sources: [rehearsal.source, other] };
    assert.equal(found((await checked(rehearsal)).findings, 'countable', 'FAIL'), undefined);
    const { findings } = await checked(rehearsal, { sources: ['fake', 'other'] });
    assert.match(found(findings, 'countable', 'FAIL')?.message ?? '', /a source that was asked for cannot count/);
  });

  it('when there are no replicas, that is the only finding about pods, weights and health', async () => {
    const { findings, code } = await checked(rehearse({ replicas: 0 }));
    assert.match(found(findings, 'ordinals-exist', 'FAIL')?.message ?? '', /no replicas/);
    const silent = ['pods-exist', 'pods-ready', 'readiness-gate', 'some-weight', 'some-healthy', 'weights-shown'];
    assert.deepEqual(
      findings.filter(({ rule }) => [...silent, 'backends-healthy'].includes(rule)),
      [],
    );
    for (const rule of ['backends-bound', 'countable']) assert.ok(found(findings, rule, 'WARN'), rule);
    assert.equal(code, 4);
  });

  it('when no pod is bound, no listener is reported with weight and health', async () => {
    const rehearsal = rehearse({ replicas: 2 });
    for (const name of ['nginx-0', 'nginx-1']) rehearsal.balancer.unbound.add(name);
    const { findings } = await checked(rehearsal);
    for (const rule of ['backends-bound', 'weights-shown', 'countable']) assert.ok(found(findings, rule, 'WARN'), rule);
    for (const rule of ['some-weight', 'some-healthy', 'backends-healthy'])
      assert.equal(found(findings, rule, 'OK'), undefined, rule);
  });

  it('when no Service has a load balancer, nothing of the load balancers is OK', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      delete metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
    });
    const { findings } = await checked(rehearsal);
    assert.ok(found(findings, 'balancer-known', 'FAIL'));
    assert.deepEqual(
      findings.filter(({ group, level }) => group === 'load balancer' && level === 'OK'),
      [],
    );
  });

  it('when the StatefulSet may not be read, the permissions are still reported', async () => {
    const rehearsal = rehearse();
    rehearsal.kube.failNext({ verb: 'get', resource: 'statefulsets' }, new StatusError(403, 'Forbidden', 'no'), 9);
    const { findings, code } = await checked(rehearsal);
    assert.ok(found(findings, 'not-checked', 'WARN'));
    assert.ok(findings.some(({ rule, level }) => rule === 'access' && level === 'OK'));
    assert.equal(code, 4);
  });

  it('when the StatefulSet may not be read, the load balancers, the platform and the key are reported, and nothing about the pods', async () => {
    const rehearsal = rehearse({ services: [service(), service({ name: 'other', selector: { app: 'other' } })] });
    rehearsal.kube.failNext({ verb: 'get', resource: 'statefulsets' }, new StatusError(403, 'Forbidden', 'no'), 9);
    rehearsal.balancer.listener = { flags: ['RescheduleTargetZeroWeight'] };
    const balancer = Object.assign(rehearsal.balancer, { tryActions: async () => allActions() });
    const { findings } = await checked({ ...rehearsal, world: { ...rehearsal.world, balancer } });
    assert.match(found(findings, 'no-reschedule', 'FAIL')?.message ?? '', /service\/nginx/);
    assert.ok(found(findings, 'balancer-running', 'OK'));
    assert.ok(found(findings, 'cloud-access', 'OK'));
    assert.ok(found(findings, 'controller-version', 'WARN'));
    const ofPods = findings.filter(({ group }) => group === 'pods' || group === 'counting');
    assert.deepEqual(ofPods, []);
    assert.doesNotMatch(JSON.stringify(findings), /service\/other/);
  });

  it('when nothing says which Services belong to it, the load balancer is a failure that names --service', async () => {
    const rehearsal = rehearse();
    const no = new StatusError(403, 'Forbidden', 'no');
    rehearsal.kube.failNext({ verb: 'get', resource: 'statefulsets' }, no);
    rehearsal.kube.failNext({ verb: 'list', resource: 'pods' }, no, 9);
    const blind = await checked(rehearsal);
    assert.ok(found(blind.findings, 'balancer-readable', 'FAIL'));
    assert.ok(found(blind.findings, 'cloud-access', 'WARN'));
    rehearsal.kube.failNext({ verb: 'get', resource: 'statefulsets' }, no);
    const { findings } = await checked(rehearsal, { services: ['nginx'] });
    assert.ok(found(findings, 'balancer-running', 'OK'));
  });

  it('a damaged annotation does not hide what the load balancers and the cloud key are like', async () => {
    const { findings, code } = await checked(rehearse({ service: { rsWeight: '[]' } }));
    assert.ok(found(findings, 'annotation-parses', 'FAIL'));
    assert.ok(found(findings, 'no-reschedule', 'OK'));
    assert.equal(code, 4);
  });

  it('a StatefulSet that is not there is an error, not a report', async () => {
    await assert.rejects(check(rehearse().world, { ...wish, name: 'nosuch' }), StatusError);
  });
});

describe('permissions', () => {
  const denying = (denied: string) => {
    const rehearsal = rehearse();
    const reviews = new FakeKube([], {
      allows: ({ resource, verb, subresource }) =>
        `${resource}${subresource ? `/${subresource}` : ''} ${verb}` !== denied,
    });
    const kube = new Proxy(rehearsal.kube, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (key === 'create') return reviews.create.bind(reviews);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return { ...rehearsal, world: { ...rehearsal.world, kube } };
  };

  it('one that a verb cannot do without is a failure', async () => {
    const { findings } = await checked(denying('services patch'));
    assert.match(found(findings, 'access', 'FAIL')?.message ?? '', /may not patch services in default \(drain/);
  });

  it('one that is missing is granted by an administrator, and no OK stands beside the failure', async () => {
    const { findings } = await checked(denying('services patch'));
    assert.equal(
      String(found(findings, 'access', 'FAIL')?.cure),
      'ask an administrator: kubectl apply -n default -f deploy/rbac.yaml   # then bind Role kubectl-zeroloss-operate to your user: see the end of that file',
    );
    assert.equal(found(findings, 'access', 'OK'), undefined);
  });

  it('one that only costs a part is a warning that says which', async () => {
    const { findings, code } = await checked(denying('pods/exec create'));
    assert.match(found(findings, 'access', 'WARN')?.message ?? '', /create pods\/exec .* cannot be counted in the pod/);
    assert.equal(code, 0);
  });

  it('actions that are unknown for one reason are reported in one line', async () => {
    const rehearsal = rehearse();
    const unknown = allActions().map(({ action }) => ({ action, allowed: undefined, because: 'time-out' }));
    const balancer = Object.assign(rehearsal.balancer, { tryActions: async () => unknown });
    const { findings } = await checked({ ...rehearsal, world: { ...rehearsal.world, balancer } });
    const told = findings.filter(({ group }) => group === 'cloud permissions');
    assert.deepEqual(
      told.map(({ level, message }) => [level, message]),
      [
        [
          'WARN',
          'whether clb:DescribeLoadBalancers, clb:DescribeListeners, clb:DescribeTargets and 4 more may be called is unknown: time-out',
        ],
      ],
    );
  });

  it('each action of the cloud is reported: granted, denied, unknown', async () => {
    const actions = allActions();
    const rehearsal = rehearse();
    const balancer = Object.assign(rehearsal.balancer, { tryActions: async () => actions });
    const world = { ...rehearsal.world, balancer };
    assert.deepEqual(
      (await checked({ ...rehearsal, world })).findings
        .filter(({ group }) => group === 'cloud permissions')
        .map(({ level }) => level),
      ['OK'],
    );
    const refused = actions.map(({ action }) => ({
      action,
      allowed: false,
      because: 'no (AuthFailure.SignatureFailure)',
      refused: 'key' as const,
    }));
    balancer.tryActions = async () => refused;
    const once = (await checked({ ...rehearsal, world })).findings.filter(({ group }) => group === 'cloud permissions');
    assert.deepEqual(
      once.map(({ level, message }) => [level, /^the cloud key is refused/.test(message)]),
      [['FAIL', true]],
    );
    balancer.tryActions = async () => actions;
    actions[0] = { action: 'clb:DescribeLoadBalancers', allowed: false, because: 'denied' };
    actions[4] = { action: 'clb:DescribeLBListeners', allowed: false, because: 'denied' };
    actions[6] = { action: 'monitor:GetMonitorData', allowed: undefined, because: 'time-out' };
    const { findings } = await checked({ ...rehearsal, world });
    const told = findings.filter(({ group, level }) => group === 'cloud permissions' && level !== 'OK');
    assert.deepEqual(
      told.map(({ level, message }) => [level, /(clb|monitor):\w+/.exec(message)?.[0]]),
      [
        ['FAIL', 'clb:DescribeLoadBalancers'],
        ['WARN', 'clb:DescribeLBListeners'],
        ['WARN', 'monitor:GetMonitorData'],
      ],
    );
  });
});

describe('another load balancer and recreate', () => {
  it('a pod that gets traffic from elsewhere is not deleted, unless forced', async () => {
    const rehearsal = rehearse();
    await drain(rehearsal.world, { ...common, ordinals: [0] });
    rehearsal.balancer.foreign.push(foreign());
    const intent = { ...common, ...zero, evict: false, force: false };
    await assert.rejects(
      recreate(rehearsal.world, intent),
      (error: unknown) => error instanceof RefusedError && error.refusals[0]?.rule === 'no-other-binding',
    );
    assert.ok(rehearsal.kube.object(PODS, 'nginx-0')?.metadata.deletionTimestamp === undefined);
  });

  it('a binding at weight 0 blocks nothing', async () => {
    const rehearsal = rehearse();
    rehearsal.balancer.foreign.push(foreign(0));
    assert.ok(found((await checked(rehearsal)).findings, 'no-other-binding', 'OK'));
    await drain(rehearsal.world, { ...common, ordinals: [0] });
  });

  it('a Service left out on purpose is a warning to drain', async () => {
    const rehearsal = rehearse({
      services: [service(), service({ name: 'second', selector: { app: 'nginx' }, loadBalancerId: 'lb-two' })],
    });
    await drain(rehearsal.world, { ...common, ordinals: [0], services: ['nginx'] });
    assert.match(rehearsal.report.warnings.join(), /lb-two/);
    assert.equal(
      rehearsal.kube.object(SERVICES, 'second')?.metadata.annotations?.['service.cloud.tencent.com/lb-rs-weight'],
      undefined,
    );
  });
});

it("TKE's grace deletion is reported, with when it is enough", async () => {
  const rehearsal = rehearse();
  rehearsal.kube.put(controllerConfig({ VERSION: 'v2.11.0', EnablePodGracefulDeletion: 'true' }));
  const { findings } = await checked(rehearsal);
  assert.match(found(findings, 'grace-deletion', 'OK')?.message ?? '', /does without this program/);
  assert.match(found(findings, 'controller-version', 'OK')?.message ?? '', /v2\.11\.0/);
});
