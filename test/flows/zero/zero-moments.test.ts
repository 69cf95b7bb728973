import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { READINESS_GATE } from '../../../lib/core/check/check-pods.ts';
import { CloudError, ConnectionError, NotYetError, RefusedError } from '../../../lib/core/errors.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { PODS, SERVICES } from '../../../lib/ports/resources.ts';
import type { ConnectionSource, KubeObject, World } from '../../../lib/ports.ts';
import { createClbMonitor } from '../../../lib/sources/clb-monitor/clb-monitor.ts';
import { podsOf, statefulSet } from '../../builders.ts';
import { FakeMonitor, MINUTE } from '../rehearsal/fake-monitor.ts';
import { annotation, common, deletions, rehearse, zero } from '../rehearsal/rehearsal.ts';

const RS_WEIGHT = 'service.cloud.tencent.com/lb-rs-weight';
const ZERO_SEEN = 'nginx.kubectl-zeroloss/zero-seen';
const patient = { ...common, ...zero, stableForMs: 2 * MINUTE, timeoutMs: 60 * MINUTE };

/** Pod 0 drained, counted by a monitor of one point a minute; `flip` makes clients come, who stay. */
async function drained() {
  const rehearsal = rehearse();
  const { clock, kube, balancer, world } = rehearsal;
  const monitor = new FakeMonitor(clock);
  // As Cloud Monitor: the last moment is not reported yet.
  monitor.lateMs = MINUTE;
  world.sources = [monitor];
  /** The last writer of the weights, and when, as an API server keeps it. */
  const writtenBy = (manager: string): void => {
    kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      const fieldsV1 = { 'f:metadata': { 'f:annotations': { [`f:${RS_WEIGHT}`]: {} } } };
      const time = new Date(clock.now()).toISOString();
      metadata['managedFields'] = [{ manager, operation: 'Update', time, fieldsV1 }];
    });
  };
  writtenBy('kubectl-zeroloss');
  await drain(world, { ...common, ordinals: [0] });
  const clientsCome = (): void => {
    const fromMs = clock.now();
    monitor.count = (atMs) => (atMs + MINUTE > fromMs ? 5 : 0);
  };
  const at = (seconds: number, act: () => void | Promise<void>): void => clock.at(seconds * 1000, act);
  const annotate = (text: string): void => {
    kube.edit(SERVICES, 'nginx', ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [RS_WEIGHT]: text };
    });
    writtenBy('kubectl-edit');
  };
  const renew = (more: object = {}) => recreate(world, { ...patient, evict: false, force: false, ...more });
  const wait = (more: Partial<World> = {}) => waitZero({ ...world, ...more }, patient);
  return { ...rehearsal, annotate, at, balancer, clientsCome, monitor, renew, wait, writtenBy };
}
type Drained = Awaited<ReturnType<typeof drained>>;

const busy = (error: unknown) =>
  error instanceof RefusedError && /nginx-0 TCP\/80 clb: 5 connections/.test(error.message);
async function keepsItsPod({ renew, kube }: Drained, stableForMs = patient.stableForMs): Promise<void> {
  await assert.rejects(renew({ stableForMs }), busy);
  assert.deepEqual(
    kube.writes.filter(({ verb }) => verb === 'delete'),
    [],
  );
}

it('a moment that a wrong clock has kept in the future is replaced by one of now, and holds up no wait', async () => {
  const { kube, clock, wait } = await drained();
  await assert.rejects(wait({ signal: AbortSignal.abort(new Error('stopped')) }));
  const uid = kube.object(PODS, 'nginx-0')?.metadata.uid ?? '';
  const kept = (atMs: number) =>
    JSON.stringify({ format: 1, pods: { [uid]: new Date(atMs).toISOString() }, writers: [] });
  kube.edit(SERVICES, 'nginx', ({ metadata }) => {
    metadata.annotations = { ...metadata.annotations, [ZERO_SEEN]: kept(clock.now() + 60 * MINUTE) };
  });
  const beganMs = clock.now();
  assert.equal((await wait()).exitCode, 0);
  const tookMs = clock.now() - beganMs;
  assert.ok(tookMs < 10 * MINUTE, `${tookMs / MINUTE} min`);
  const moment = JSON.parse(kube.object(SERVICES, 'nginx')?.metadata.annotations?.[ZERO_SEEN] ?? '{}').pods[uid];
  assert.ok(Math.abs(Date.parse(moment) - beganMs) < MINUTE, moment);
});

describe('a weight that was given back and taken away again', () => {
  const backAndAway = (run: Drained, beganSeconds: number, seconds: number): void => {
    const drainedText = annotation(run) ?? '';
    run.at(beganSeconds, () => {
      run.clientsCome();
      run.annotate('{"defaultWeight":10,"groups":[]}');
    });
    run.at(beganSeconds + seconds, () => run.annotate(drainedText));
  };
  it('between two looks begins the stability window anew', async () => {
    const run = await drained();
    backAndAway(run, 291, 8);
    await keepsItsPod(run);
  });
  it('while the load balancer could not be asked begins it anew', async () => {
    const run = await drained();
    backAndAway(run, 361, 80);
    run.at(361, () => {
      run.balancer.failure = new ConnectionError('the network is away', { retryable: true });
    });
    run.at(441, () => {
      run.balancer.failure = undefined;
    });
    await keepsItsPod(run, 5 * MINUTE);
  });
  it('by hand begins it anew, although the drain of another StatefulSet is written over the hand’s traces', async () => {
    const run = await drained();
    const labels = { app: 'nginx', color: 'blue' };
    const merge = { spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } } };
    const blue = statefulSet({ name: 'blue', replicas: 4, merge });
    for (const object of [blue, ...podsOf(blue, (ordinal) => ({ ip: `10.9.0.${10 + ordinal}` }))]) run.kube.put(object);
    await run.clock.sleep(10 * MINUTE);
    const text = annotation(run) ?? '';
    run.clientsCome();
    run.annotate('{"defaultWeight":10,"groups":[]}');
    await run.clock.sleep(8_000);
    run.annotate(text);
    await drain(run.world, { ...common, name: 'blue', ordinals: [0] });
    run.writtenBy('kubectl-zeroloss');
    await keepsItsPod(run);
  });
  it('by another operator’s restore and drain begins it anew', async () => {
    const run = await drained();
    run.at(291, async () => {
      run.clientsCome();
      await restore(run.world, { ...common, ...zero, ordinals: [0], weightsOnly: true });
      run.writtenBy('kubectl-zeroloss');
    });
    run.at(299, async () => {
      await drain(run.world, { ...common, ordinals: [0] });
      run.writtenBy('kubectl-zeroloss');
    });
    await keepsItsPod(run);
  });
  it('at the load balancer alone leaves no moment behind, though it could not be taken away at first', async () => {
    const run = await drained();
    await run.clock.sleep(206_000);
    run.at(288, () => {
      run.clientsCome();
      run.balancer.override.set('nginx-0', 10);
    });
    let looks = 0;
    const observe = run.balancer.observe.bind(run.balancer);
    run.balancer.observe = async (...call) => {
      const state = await observe(...call);
      if (state.listeners[0]?.backends[0]?.weight !== 10 || looks++ > 0) return state;
      // Between the look and the write the service-controller puts 0 back, and says so on the Service.
      run.balancer.override.clear();
      run.kube.edit(SERVICES, 'nginx', ({ metadata }) => {
        metadata.annotations = { ...metadata.annotations, 'service.cloud.tencent.com/sync-begin-time': 'now' };
      });
      return state;
    };
    const interrupt = new AbortController();
    run.at(300, () => interrupt.abort(new Error('Ctrl-C')));
    await assert.rejects(run.wait({ signal: interrupt.signal }), /Ctrl-C/);
    assert.equal(looks, 1);
    await keepsItsPod(run);
  });
});

describe('a port that came after the drain', () => {
  it('does not use the moment of the ports that were there: its own stability window is waited for', async () => {
    const { kube, clock, monitor, world, wait } = await drained();
    await clock.sleep(30_000);
    kube.edit(SERVICES, 'nginx', (object) => {
      const spec = object['spec'] as { ports: object[] };
      spec.ports = [...spec.ports, { name: 'tls', protocol: 'TCP', port: 443, targetPort: 443 }];
    });
    await clock.sleep(570_000);
    const fromMs = clock.now() - 5000;
    monitor.count = (atMs, _, __, port) => (port === 443 && atMs + MINUTE > fromMs ? 3 : 0);
    assert.notEqual(annotation({ kube } as Drained, 'nginx', ZERO_SEEN), undefined);
    await drain(world, { ...common, ordinals: [0] });
    await assert.rejects(
      wait(),
      (error: unknown) => error instanceof NotYetError && /TCP\/443 clb: 3 connections/.test(error.message),
    );
  });
});

describe('a pod that no listener shows', () => {
  type Status = { conditions: { type: string; status: string; lastTransitionTime: string }[] };
  const unbind = (run: ReturnType<typeof rehearse>, change: (object: KubeObject, status: Status) => void): void => {
    run.kube.edit(PODS, 'nginx-0', (object) => {
      const status = object['status'] as Status;
      for (const condition of status.conditions)
        if (/Ready|tencent/.test(condition.type))
          Object.assign(condition, { status: 'False', lastTransitionTime: '2026-06-01T00:00:00Z' });
      change(object, status);
    });
    run.balancer.unbound.add('nginx-0');
    run.source.counts.set('nginx-0', 7);
  };
  for (const [what, change] of [
    ['was ready once: its gate says False since later than its birth', () => undefined],
    [
      'has no gate: whether it served is unknown',
      (object: KubeObject, status: Status) => {
        delete (object['spec'] as { readinessGates?: unknown }).readinessGates;
        status.conditions = status.conditions.filter(({ type }) => type !== READINESS_GATE);
      },
    ],
  ] as const)
    it(`is not at zero when it ${what}`, async () => {
      const rehearsal = rehearse();
      await drain(rehearsal.world, { ...common, ordinals: [0] });
      unbind(rehearsal, change);
      await assert.rejects(
        waitZero(rehearsal.world, { ...common, ...zero }),
        (error: unknown) => error instanceof NotYetError && /lb-nginx does not show nginx-0/.test(error.message),
      );
      assert.deepEqual(deletions(rehearsal), []);
    });
});

describe('a clock that is set while a wait lasts', () => {
  it('back, by seconds or minutes, ends no stability window early', async () => {
    for (const backMs of [2000, 600_000]) {
      const rehearsal = rehearse();
      const real = rehearsal.clock;
      let offMs = 0;
      const clock = { now: () => real.now() + offMs, sleep: real.sleep.bind(real) };
      const instant: ConnectionSource = {
        name: 'pod',
        prove: async (backends) => backends.map((backend) => ({ backend, countable: true, because: 'counts' })),
        read: async (backends) =>
          backends.map((backend) => ({
            source: 'pod',
            backend,
            cadence: { kind: 'instant', periodMs: 1000, settleMs: 0 },
            points: [{ atMs: clock.now(), untilMs: clock.now(), value: 0 }],
          })),
      };
      await drain({ ...rehearsal.world, clock }, { ...common, ordinals: [0] });
      const beganMs = real.now();
      real.at(beganMs - real.startMs + 5000, () => {
        offMs = -backMs;
      });
      await waitZero({ ...rehearsal.world, clock, sources: [instant] }, { ...common, ...zero, timeoutMs: 60 * MINUTE });
      assert.ok(real.now() - beganMs >= zero.stableForMs, `${backMs} ms back: zero after ${real.now() - beganMs} ms`);
    }
  });
  it('forward reads no minute from before weight 0 as one from after it', async () => {
    const rehearsal = rehearse();
    const real = rehearsal.clock;
    let offMs = -10 * MINUTE;
    const clock = { now: () => real.now() + offMs, sleep: real.sleep.bind(real) };
    Object.assign(rehearsal.kube, { clockAheadMs: () => offMs });
    let isThrottled = true;
    const stayMs = real.now() - 20_000;
    const call = async (_service: string, action: string, parameters: Record<string, unknown>): Promise<object> => {
      if (isThrottled) throw new CloudError('RequestLimitExceeded', 'too many', { retryable: true });
      if (action === 'DescribeBaseMetrics') {
        const Dimensions = ['vip', 'loadBalancerPort', 'protocol', 'vpcId', 'lanIp', 'port'];
        return { MetricSet: [{ MetricName: parameters['MetricName'], Period: [60], Dimensions: [{ Dimensions }] }] };
      }
      const asked = parameters as {
        StartTime: string;
        EndTime: string;
        Instances: { Dimensions: { Value: string }[] }[];
      };
      const times: number[] = [];
      const toMs = Math.min(Date.parse(asked.EndTime), real.now() - 2 * MINUTE);
      for (let ms = Math.ceil(Date.parse(asked.StartTime) / MINUTE) * MINUTE; ms <= toMs; ms += MINUTE) times.push(ms);
      const DataPoints = asked.Instances.map(({ Dimensions }) => ({
        Dimensions,
        Timestamps: times.map((ms) => ms / 1000),
        Values: times.map((ms) =>
          ms + MINUTE > stayMs && Dimensions.some(({ Value }) => Value === '10.0.0.10') ? 3 : 0,
        ),
      }));
      return { Period: 60, DataPoints };
    };
    const cloud = { regions: {}, credentials: async () => '', call } as unknown as Parameters<
      typeof createClbMonitor
    >[0];
    const world = { ...rehearsal.world, clock, sources: [createClbMonitor(cloud, clock, () => offMs)] };
    await drain(world, { ...common, ordinals: [0] });
    real.at(20_000, () => {
      offMs = 0;
      isThrottled = false;
    });
    await assert.rejects(
      waitZero(world, patient),
      (error: unknown) => error instanceof NotYetError && /nginx-0 TCP\/80 clb: 3 connections/.test(error.message),
    );
  });
});
