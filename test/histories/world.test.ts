/** Parts of the world in which a mistake would make every history milder than it says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Coverage } from './campaign/coverage.ts';
import { aimed } from './faults/aim.ts';
import { Striker } from './faults/striker.ts';
import { FAULTS, type Fault, type FaultKind } from './history.ts';
import { ApiServer } from './world/api-server.ts';
import { Balancers } from './world/clb/balancer.ts';
import { createCloudApi } from './world/clb/cloud.ts';
import { Dice } from './world/dice.ts';
import { Nodes } from './world/nodes.ts';
import { SimClock } from './world/sim-clock.ts';

const POD = '10.1.0.10';

/** One listener with one pod bound at weight 10. */
function balanced(clients: 'plain' | 'persisted' | 'returning', rules: readonly string[] = []) {
  const clock = new SimClock();
  const balancers = new Balancers({
    ...{ clock, dice: new Dice(7), longestMs: 2_000, periodMs: 5_000, clients },
    podAt: () => ({ uid: 'pod', ready: true }),
  });
  const listener = balancers.add({
    ...{ id: 'lbl-0', balancerId: 'lb-0', service: 'nginx', protocol: rules.length > 0 ? 'HTTP' : 'TCP' },
    ...{ carrier: 'TCP', port: 80, rules },
  });
  balancers.bind(listener, POD, 80, 10);
  const pass = (ms: number) => {
    const untilMs = clock.elapsedMs + ms;
    clock.after(ms, () => undefined);
    return clock.run(() => clock.elapsedMs >= untilMs, Number.POSITIVE_INFINITY);
  };
  return { clock, balancers, listener, pass };
}

describe('the load balancer of a history', () => {
  it('binds a pod on every rule of a layer-7 listener, and somebody may write the weight of one of them', async () => {
    const { balancers, listener, clock } = balanced('plain', ['loc-a', 'loc-b']);
    const cloud = createCloudApi({ balancers, clock, periodSeconds: 5, sessionSeconds: 0 });
    balancers.bind(listener, POD, 80, 0);
    assert.equal(balancers.sendingTo(POD).length, 0);
    balancers.overrideWeight(POD, 10);
    assert.equal(balancers.sendingTo(POD).length, 1);
    const answer = await cloud.send({ action: 'DescribeTargets', params: { LoadBalancerId: 'lb-0' } } as never);
    const [shown] = answer['Listeners'] as { Rules: { LocationId: string; Targets: { Weight: number }[] }[] }[];
    assert.deepEqual(
      shown?.Rules.map(({ LocationId, Targets }) => [LocationId, Targets.map(({ Weight }) => Weight)]),
      [
        ['loc-a', [0]],
        ['loc-b', [10]],
      ],
    );
  });

  it('keeps a connection of layer 7 for the next request, and ends it once none has come', async () => {
    const { balancers, listener, pass } = balanced('plain', ['loc-a', 'loc-b']);
    balancers.arrive(listener);
    const [first] = balancers.connections.on('pod');
    await pass(2_500);
    assert.equal(first?.isIdle, true);
    balancers.arrive(listener);
    assert.deepEqual(balancers.connections.on('pod'), [first]);
    await pass(10_000);
    assert.deepEqual(balancers.connections.on('pod'), []);
  });

  for (const [clients, comesBack] of [
    ['persisted', false],
    ['returning', true],
  ] as const)
    it(`${comesBack ? 'sends' : 'does not send'} ${clients} clients to a backend of weight 0`, async () => {
      const { balancers, listener, pass } = balanced(clients);
      for (let nth = 0; nth < 50; nth += 1) balancers.arrive(listener);
      balancers.bind(listener, POD, 80, 0);
      await pass(10_000);
      assert.deepEqual(balancers.connections.on('pod'), []);
      for (let nth = 0; nth < 50; nth += 1) balancers.arrive(listener);
      assert.equal(balancers.connections.on('pod').length > 0, comesBack);
      await pass(31_000);
      for (let nth = 0; nth < 50; nth += 1) balancers.arrive(listener);
      assert.deepEqual(balancers.connections.on('pod'), []);
    });
});

describe('the nodes of a history', () => {
  it('take new pods unless they are cordoned, and one always does', () => {
    const nodes = new Nodes(new ApiServer(() => 0));
    const first = nodes.place();
    nodes.cordon(first);
    assert.notEqual(nodes.place(), first);
    for (let nth = 0; nth < 6; nth += 1) nodes.cordon(nodes.place());
    assert.equal(nodes.isCordoned(nodes.place()), false);
    nodes.uncordon(first);
    assert.equal(nodes.isCordoned(first), false);
  });
});

describe('a fault of one verb', () => {
  const fault: Fault = { kind: 'killed', at: 'write', nth: 2, size: 0, of: 'drain' };
  const call = (verb: string, isWrite: boolean) => ({ channel: 'api', step: 'PATCH services', isWrite, verb }) as const;

  it('strikes at its so-many-th call or write, whatever other verbs did before', () => {
    const striker = new Striker(
      [fault],
      () => 0,
      () => false,
    );
    for (let nth = 0; nth < 5; nth += 1) assert.deepEqual(striker.at(call('upgrade', true)), []);
    assert.deepEqual(striker.at(call('drain', true)), []);
    assert.deepEqual(striker.at(call('drain', false)), []);
    assert.deepEqual(striker.at(call('drain', true)), [fault]);
  });

  it('waits while it would find nothing to change', () => {
    let isIdle = true;
    const striker = new Striker(
      [{ ...fault, nth: 1 }],
      () => 0,
      () => isIdle,
    );
    assert.deepEqual(striker.at(call('drain', true)), []);
    assert.deepEqual(striker.hits, []);
    isIdle = false;
    assert.equal(striker.at(call('drain', true)).length, 1);
  });

  it('aims at a call that this verb makes, of a verb that can meet it', () => {
    const drawn = { isAimed: true, size: 0, share: 0.99 } as const;
    const last = (kind: FaultKind, job: 'take-back' | 'rollback' | 'by-plan', at: 'call' | 'write', nth: number) =>
      aimed({ ...drawn, kind, at, nth }, job);
    assert.deepEqual(last('paused', 'rollback', 'call', 12), {
      kind: 'paused',
      at: 'call',
      nth: 2,
      of: 'rollback',
      size: 0,
    });
    assert.deepEqual(last('cloud-cut', 'rollback', 'write', 3), {
      kind: 'cloud-cut',
      at: 'write',
      nth: 3,
      of: 'upgrade',
      size: 0,
    });
    assert.equal(last('api-409', 'by-plan', 'write', 1).of, 'upgrade');
    assert.equal(last('killed', 'by-plan', 'write', 3).at, 'call');
  });

  it('counts as met; the campaign names what could have met and has not', () => {
    const coverage = new Coverage();
    coverage.met('drain call', 3);
    for (const kind of FAULTS.filter((each) => !['interrupted', 'pod-stuck'].includes(each)))
      coverage.hit({ ...call('drain', true), kind, atMs: 0, nth: 1 });
    assert.match(coverage.lines().join('\n'), /^not met: drain \(pod-stuck, interrupted\)$/m);
    assert.match(coverage.lines().join('\n'), /such a call: .*exec: check, plan, .*drain, /);
  });
});
