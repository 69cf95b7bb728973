import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NotYetError, type Refusal, RefusedError } from '../../../lib/core/errors.ts';
import type { ZeroIntent } from '../../../lib/core/intent/intent.ts';
import { check } from '../../../lib/flows/verbs/check.ts';
import { drain } from '../../../lib/flows/verbs/drain.ts';
import { recreate } from '../../../lib/flows/verbs/recreate.ts';
import { restore } from '../../../lib/flows/verbs/restore.ts';
import { status } from '../../../lib/flows/verbs/status.ts';
import { surge } from '../../../lib/flows/verbs/surge.ts';
import { upgrade } from '../../../lib/flows/verbs/upgrade.ts';
import { waitZero } from '../../../lib/flows/verbs/wait-zero.ts';
import { EVENTS, PODS, SERVICES } from '../../../lib/ports/resources.ts';
import { createPodSockets } from '../../../lib/sources/pod-sockets/pod-sockets.ts';
import type { Socket } from '../../../lib/sources/pod-sockets/proc-net-tcp.ts';
import { service } from '../../builders.ts';
import { both, from, listener, noCat } from '../../sources/pod-sockets/opened.ts';
import { common, deletions, type Rehearsal, rehearse, zero } from '../rehearsal/rehearsal.ts';

const CLIENT = '10.0.7.7';
const rule = 'no-inside-client';
const amqp = { name: 'amqp', containerPort: 5672 };
const metrics = { name: 'metrics', containerPort: 9090 };

const inside = (name: string, port: number, spec = {}) =>
  service({
    name,
    type: 'ClusterIP',
    directAccess: false,
    selector: { app: 'nginx' },
    ports: [{ port }],
    merge: { spec },
  });

/** Pods of nginx on 80 behind the load balancer, with AMQP inside the cluster and metrics that are only declared; `sockets` of nginx-0. */
async function drained({
  services = [inside('rabbit', 5672)],
  sockets = [] as readonly Socket[] | (() => readonly Socket[]),
  withPod = true,
} = {}) {
  const rehearsal = rehearse({ services: [service(), ...services] });
  const { kube, clock, world, source } = rehearsal;
  for (const { metadata } of kube.objects(PODS))
    kube.edit(PODS, metadata.name, (pod) => {
      const [container] = (pod['spec'] as { containers: object[] }).containers;
      pod['spec'] = {
        ...(pod['spec'] as object),
        containers: [{ ...container, ports: [{ containerPort: 80 }, amqp, metrics] }],
      };
      pod['status'] = { ...(pod['status'] as object), hostIP: '10.9.0.1' };
    });
  const listeners = [80, 5672, 9090].map((localPort) => ({ ...listener, localPort }));
  kube.exec = async (name) => {
    const own = typeof sockets === 'function' ? sockets() : sockets;
    return both([...listeners, ...(name === 'nginx-0' ? own : [])]);
  };
  const pods = createPodSockets({ kube, clock, warn: () => undefined, debugImage: undefined, mayWrite: true });
  world.sources = withPod ? [source, pods] : [source];
  await drain(world, { ...common, ordinals: [0] });
  return rehearsal;
}

const at = (localPort: number, peer = CLIENT): Socket => from(peer, { localPort, localAddress: '10.0.0.10' });
const forced = { evict: false, force: false };
const waits = ({ world }: Rehearsal, more: Partial<ZeroIntent> = {}) =>
  waitZero(world, { ...common, ...zero, ...more });
const recreates = ({ world }: Rehearsal, more: Partial<ZeroIntent> = {}) =>
  recreate(world, { ...common, ...zero, ...forced, ...more });

const refusedBy = async (running: Promise<unknown>): Promise<Refusal> => {
  let refusal: Refusal | undefined;
  await assert.rejects(running, (error) => {
    assert.ok(error instanceof RefusedError, String(error));
    refusal = error.refusals[0];
    return true;
  });
  assert.ok(refusal);
  return refusal;
};

describe('a client inside the cluster', () => {
  it('on a port that a Service leads to holds its pod, drained as it is', async () => {
    const rehearsal = await drained({ sockets: [at(5672)] });
    await assert.rejects(
      waits(rehearsal),
      (error) =>
        error instanceof NotYetError &&
        /nginx-0 in-cluster TCP\/5672 pod: 1 connection, held by 10\.0\.7\.7/.test(error.message) &&
        /no weight stops it: service\/rabbit \(ClusterIP\) leads there/.test(error.message),
    );
    const refusal = await refusedBy(recreates(rehearsal));
    assert.deepEqual([refusal.rule, refusal.override], [rule, '--ignore-port amqp']);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('on the port of the listener itself is held by the count of that port, once', async () => {
    const rehearsal = await drained({
      services: [inside('web', 80), inside('nodes', 80, { clusterIP: 'None' })],
      sockets: [at(80)],
    });
    await assert.rejects(waits(rehearsal), (error) => {
      assert.ok(error instanceof NotYetError);
      assert.equal(error.message.match(/1 connection/g)?.length, 1, error.message);
      return true;
    });
    assert.equal((await refusedBy(recreates(rehearsal))).rule, 'at-zero');
  });
  it('that has left holds nothing, and the evidence names the port', async () => {
    let sockets = [at(5672)];
    const rehearsal = await drained({ sockets: () => sockets });
    rehearsal.clock.at(20_000, () => {
      sockets = [];
    });
    const { details } = await waits(rehearsal);
    assert.match(
      JSON.stringify(details),
      /"listener":"in-cluster TCP\/5672".*"leads":\["service\/rabbit \(ClusterIP\)"\]/,
    );
    await recreates(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  for (const [word, ignoredPorts] of [
    ['its name', ['amqp']],
    ['its number', ['5672']],
  ] as const)
    it(`is not waited for where the port is ignored by ${word}`, async () => {
      const rehearsal = await drained({ sockets: [at(5672)] });
      await waits(rehearsal, { ignoredPorts });
      await recreates(rehearsal, { ignoredPorts });
      assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    });
  it('that connects between the last look of the wait and the deletion is seen, and nothing is deleted', async () => {
    let sockets: Socket[] = [];
    const rehearsal = await drained({ sockets: () => sockets });
    const create = rehearsal.kube.create.bind(rehearsal.kube);
    rehearsal.kube.create = async (resource, object, options) => {
      // The event says that the pod is about to be deleted.
      if (resource === EVENTS) sockets = [at(5672)];
      return create(resource, object, options);
    };
    assert.equal((await refusedBy(recreates(rehearsal))).rule, rule);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('that is gone at the second look before the deletion, as a probe is, holds nothing', async () => {
    let looks = -1;
    const rehearsal = await drained({ sockets: () => (looks >= 0 && looks++ === 0 ? [at(5672)] : []) });
    // The source itself has doubted a reading just now, and takes the next one as it is.
    const create = rehearsal.kube.create.bind(rehearsal.kube);
    rehearsal.kube.create = async (resource, object, options) => {
      if (resource === EVENTS) looks = Math.max(looks, 0);
      return create(resource, object, options);
    };
    await recreates(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('holds a pod that no Service with a load balancer selects, such as a standby', async () => {
    const rehearsal = await drained({ sockets: [at(5672)] });
    const { kube } = rehearsal;
    kube.edit(SERVICES, 'nginx', (object) => {
      object['spec'] = { ...(object['spec'] as object), selector: { app: 'nginx', role: 'active' } };
    });
    for (const { metadata } of kube.objects(PODS).slice(1))
      kube.edit(PODS, metadata.name, (object) => {
        object.metadata.labels = { ...object.metadata.labels, role: 'active' };
      });
    assert.equal((await refusedBy(recreates(rehearsal))).rule, rule);
    assert.deepEqual(deletions(rehearsal), []);
  });
  it('holds an upgrade up until it has left, and one that ignores the port goes on', async () => {
    const images = {};
    const wish = {
      ...common,
      ...zero,
      images,
      batch: 1,
      surge: 0,
      soakMs: 0,
      yes: true,
      takeOver: false,
      evict: false,
    };
    const held = await drained({ sockets: [at(5672)] });
    await assert.rejects(
      upgrade(held.world, { ...wish, timeoutMs: 30_000 }),
      (error) => error instanceof NotYetError && /in-cluster TCP\/5672/.test(error.message),
    );
    assert.deepEqual(deletions(held), []);
    const ignoring = await drained({ sockets: [at(5672)] });
    await upgrade(ignoring.world, { ...wish, ignoredPorts: ['amqp'] });
    assert.equal(deletions(ignoring).length, 10);
  });
  it('holds a surplus pod too', async () => {
    let sockets: Socket[] = [];
    const rehearsal = await drained({ sockets: () => sockets });
    const { world, kube } = rehearsal;
    await restore(world, { ...common, ...zero, weightsOnly: true });
    await surge(world, { ...common, count: 1, dark: false });
    await drain(world, { ...common, ordinals: [10] });
    const exec = kube.exec.bind(kube);
    kube.exec = async (name, ...rest) => exec(name === 'nginx-10' ? 'nginx-0' : name, ...rest);
    sockets = [at(5672)];
    await assert.rejects(
      restore(world, { ...common, ...zero, weightsOnly: false }),
      (error) => error instanceof NotYetError && /nginx-10 in-cluster TCP\/5672/.test(error.message),
    );
    sockets = [];
    const { balancer, clock } = rehearsal;
    const bindingsOf = balancer.bindingsOf.bind(balancer);
    const beganMs = clock.now();
    // Once the window is filled the cloud is asked by address for the last time: the client comes after the last reading.
    balancer.bindingsOf = async (...call) => {
      if (clock.now() - beganMs >= zero.stableForMs) sockets = [at(5672)];
      return bindingsOf(...call);
    };
    assert.equal((await refusedBy(restore(world, { ...common, ...zero, weightsOnly: false }))).rule, rule);
  });
});

describe('a port that a container only declares', () => {
  it('holds its pod by clients from elsewhere, unless it is ignored by name', async () => {
    const rehearsal = await drained({ sockets: [at(9090)] });
    const refusal = await refusedBy(recreates(rehearsal));
    assert.deepEqual([refusal.rule, refusal.override], [rule, '--ignore-port metrics']);
    assert.match(refusal.message, /declared TCP\/9090 .*a container declares port 9090/);
    assert.equal((await refusedBy(recreates(rehearsal, { ignoredPorts: ['amqp'] }))).rule, rule);
    await recreates(rehearsal, { ignoredPorts: ['metrics'] });
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('holds nothing by peers in the pod or on its node', async () => {
    const rehearsal = await drained({ sockets: [at(9090, '10.9.0.1'), at(9090, '10.0.0.10')] });
    await recreates(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('blocks nothing where no source can count it', async () => {
    const rehearsal = await drained({ services: [], withPod: false });
    await recreates(rehearsal);
    assert.deepEqual(deletions(rehearsal), ['nginx-0']);
  });
  it('becomes one that a Service leads to while it is waited for, and every client counts from then on', async () => {
    const rehearsal = await drained({ services: [], sockets: [at(9090, '10.9.0.1')] });
    rehearsal.clock.at(4000, () => {
      rehearsal.kube.put(inside('late', 9090));
    });
    await assert.rejects(
      waits(rehearsal),
      (error) => error instanceof NotYetError && /in-cluster TCP\/9090 .*service\/late/.test(error.message),
    );
  });
});

describe('a port that a Service leads to and no source counts', () => {
  const uncounted: [string, Partial<ZeroIntent>, (rehearsal: Rehearsal) => unknown][] = [
    ['by --source', { sources: ['fake'] }, () => undefined],
    [
      'in a pod without cat',
      {},
      ({ kube }) => {
        kube.exec = async () => noCat;
      },
    ],
  ];
  for (const [how, more, prepare] of uncounted) {
    for (const port of [5672, 80])
      it(`${how} is named, and stands in the way on ${port === 80 ? 'the same port as the listener’s' : 'another port'} until it is ignored`, async () => {
        const rehearsal = await drained({ services: [inside('rabbit', port)] });
        prepare(rehearsal);
        const refusal = await refusedBy(waits(rehearsal, more));
        const word = port === 80 ? '80' : 'amqp';
        assert.deepEqual([refusal.rule, refusal.override], [rule, `--ignore-port ${word}`]);
        assert.match(refusal.message, new RegExp(`service/rabbit \\(ClusterIP\\) leads .* to port ${port} of nginx-0`));
        assert.equal((await refusedBy(recreates(rehearsal, more))).rule, rule);
        assert.deepEqual(deletions(rehearsal), []);
        await recreates(rehearsal, { ...more, ignoredPorts: [word] });
        assert.deepEqual(deletions(rehearsal), ['nginx-0']);
      });
  }
  it('is waited for while the source that could count it cannot be asked', async () => {
    const rehearsal = await drained();
    const exec = rehearsal.kube.exec.bind(rehearsal.kube);
    let isDown = true;
    rehearsal.kube.exec = async (...call) => (isDown ? { stdout: '', stderr: 'killed', exitCode: 137 } : exec(...call));
    rehearsal.clock.at(15_000, () => {
      isDown = false;
    });
    await waits(rehearsal);
  });
  it('says that clients by the own address of the Service are seen by no source either', async () => {
    const rehearsal = await drained({ services: [], withPod: false });
    await waits(rehearsal);
    assert.match(rehearsal.report.warnings.join('\n'), /cluster address of service\/nginx are seen by no source here/);
    const counted = await drained({ services: [] });
    await waits(counted);
    assert.doesNotMatch(counted.report.warnings.join('\n'), /cluster address/);
  });
});

describe('Services that lead clients to the pods past the load balancer', () => {
  const line =
    'service/rabbit (ClusterIP, TCP/5672) leads clients inside the cluster to the same pods: no weight stops them';
  it('are shown by drain, wait-zero and recreate', async () => {
    const rehearsal = await drained();
    const { warnings } = rehearsal.report;
    assert.ok(warnings.includes(line), 'drain');
    for (const run of [waits, recreates]) {
      warnings.length = 0;
      await run(rehearsal);
      assert.ok(warnings.includes(line), run.name);
    }
  });
  it('are shown by status, with their ports', async () => {
    const { world } = await drained();
    const { details } = await status(world, { ...common });
    assert.deepEqual(details.inside, [{ name: 'rabbit', type: 'ClusterIP', headless: false, ports: ['TCP/5672'] }]);
    assert.ok(details.notes.includes(line));
  });
  it('are a WARN of check that names the source that counts them, and a FAIL without one', async () => {
    const { world, kube } = await drained();
    const found = async (more = {}) => {
      const { details } = await check(world, { ...common, stableForMs: 10_000, ...more });
      return details.findings.filter((finding) => [rule, 'inside-service'].includes(finding.rule));
    };
    const [warned, ...more] = await found();
    assert.deepEqual([warned?.level, warned?.message], ['WARN', `${line}; source pod counts their connections`]);
    assert.deepEqual(more, []);
    const levels = async (more = {}) => (await found(more)).map(({ rule: name, level }) => `${level} ${name}`);
    assert.deepEqual((await levels({ sources: ['fake'] })).sort(), [
      `FAIL ${rule}`,
      'WARN inside-service',
      'WARN inside-service',
    ]);
    assert.ok(!(await levels({ sources: ['fake'], ignoredPorts: ['amqp'] })).includes(`FAIL ${rule}`));
    kube.remove(SERVICES, 'rabbit');
    assert.deepEqual(await levels(), ['OK inside-service']);
  });
});

describe('a pod that was never ready', () => {
  const peers = (publishNotReadyAddresses: boolean) =>
    inside('peers', 5672, { clusterIP: 'None', publishNotReadyAddresses });
  /** Drained, known to no load balancer, its container as `state` says, and a peer connected where it runs. */
  async function neverReady(published: boolean, state: object) {
    const rehearsal = await drained({ services: [peers(published)], sockets: 'running' in state ? [at(5672)] : [] });
    rehearsal.balancer.unbound.add('nginx-0');
    rehearsal.kube.edit(PODS, 'nginx-0', (pod) => {
      const status = pod['status'] as { conditions: { type: string; status: string }[]; containerStatuses: object[] };
      for (const condition of status.conditions)
        if (/^Ready$|^ContainersReady$|backendgroup-ready$/.test(condition.type)) condition.status = 'False';
      status.containerStatuses = status.containerStatuses.map((each) => ({ ...each, ready: false, state }));
    });
    return rehearsal;
  }

  it('is held by a client that a Service for pods that are not ready has led to it', async () => {
    const rehearsal = await neverReady(true, { running: {} });
    await assert.rejects(
      recreate(rehearsal.world, { ...common, ...zero, ...forced, timeoutMs: 20_000 }),
      (error: unknown) =>
        error instanceof NotYetError && /nginx-0 in-cluster TCP\/5672 pod: 1 connection/.test(error.message),
    );
    assert.deepEqual(deletions(rehearsal), []);
  });

  it('goes without a count where no such Service leads to it, or no container runs', async () => {
    for (const rehearsal of [
      await neverReady(false, { running: {} }),
      await neverReady(true, { waiting: { reason: 'CrashLoopBackOff' } }),
    ]) {
      await recreates(rehearsal);
      assert.deepEqual(deletions(rehearsal), ['nginx-0']);
    }
  });
});
