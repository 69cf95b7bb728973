import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { openWorld } from '../../cmd/surroundings/open-world.ts';
import { CloudError, NotYetError } from '../../lib/core/errors.ts';
import { drain } from '../../lib/flows/verbs/drain.ts';
import { waitZero } from '../../lib/flows/verbs/wait-zero.ts';
import type { StreamReporter } from '../../lib/output/live/reporter.ts';
import { SERVICES } from '../../lib/ports/resources.ts';
import type { World } from '../../lib/ports.ts';
import { parseMetricSelector } from '../../lib/sources/metrics/selector.ts';
import type { Misbehaviour } from '../../sandbox/clb/api/cloud-faults.ts';
import { applyManifest, readManifest } from '../../sandbox/start/apply-manifest.ts';
import { awaitSettled } from '../../sandbox/start/await-ready.ts';
import { SAMPLE_MANIFEST } from '../../sandbox/start/sample-manifest.ts';
import { type RunningCluster, startCluster } from '../../sandbox/start/start-cluster.ts';
import { FakeReporter } from '../fakes/reporter.ts';

const intent = { name: 'nginx', dryRun: 'none' as const, timeoutMs: 15_000 };
const zero = { stableForMs: 2000, maxConnections: 0 };

describe('a wait in the sandbox', { concurrency: false }, () => {
  let cluster: RunningCluster;
  let world: World;
  let close: () => Promise<void>;
  let report: FakeReporter & Pick<StreamReporter, 'verbosity' | 'close' | 'prose'>;
  const clients: Socket[] = [];
  /** The pod that answered each client. */
  const answered: string[] = [];

  before(async () => {
    cluster = await startCluster();
    const sample = SAMPLE_MANIFEST.replace('replicas: 10', 'replicas: 4');
    await applyManifest(cluster.kube, await readManifest(sample, 'the sample'));
    await awaitSettled(cluster, new AbortController().signal);
    report = Object.assign(new FakeReporter(), { verbosity: 0, close: () => undefined, prose: () => undefined });
    const opened = await openWorld({
      connection: {},
      cloud: {},
      env: { HOME: '/nonexistent', ...cluster.environment },
      report,
      signal: new AbortController().signal,
    });
    const metric = parseMetricSelector('sandbox_open_connections{port="80"}', 'metric');
    close = opened.close;
    world = (await opened.counting?.({ flags: { metric }, mayWrite: true })) ?? opened.world;
    for (let count = 0; count < 8; count += 1) clients.push(await open());
    await drain(world, { ...intent, ordinals: [0] });
  });
  after(async () => {
    for (const client of clients) client.destroy();
    await close();
    await cluster.stop();
  });
  afterEach(() => cluster.cloud.behave());

  /** A client that has asked and been answered, and keeps its connection. */
  async function open(): Promise<Socket> {
    const service = await cluster.kube.get(SERVICES, 'nginx');
    const id = service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'];
    const { host, port } = cluster.clb.addressOf(id ?? '', 80) ?? assert.fail('the service is bound');
    const socket = connect(port, host);
    socket.on('error', () => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: nginx\r\n\r\n');
    const [head] = (await once(socket, 'data')) as [Buffer];
    answered.push(/^x-pod: (.+)$/m.exec(`${head}`)?.[1]?.trim() ?? assert.fail(`no pod answered: ${head}`));
    return socket;
  }
  const wait = (more: object = {}) => waitZero(world, { ...intent, ...zero, ...more });
  /** The fault comes behind the first look of the wait, which shows the connections of nginx-0. */
  const during = (fault: Misbehaviour) => {
    const show = report.progress.bind(report);
    report.progress = (line) => {
      show(line);
      if (!line.includes('nginx-0 TCP/80')) return;
      report.progress = show;
      cluster.cloud.misbehave(fault);
    };
    return wait().finally(() => {
      assert.equal(report.progress, show, 'the fault came');
    });
  };

  it('counts real connections by the socket table, by the metric and by the monitor alike, and names the peer', async () => {
    const connectionsOf = (ordinal: number) => answered.filter((pod) => pod === `nginx-${ordinal}`).length;
    const held = connectionsOf(0);
    assert.ok(held > 1, `nginx-0 answered ${held} clients`);
    // A probe or a health check that is open while the pod is looked at counts as one more there; the monitor leaves it out.
    const counted = (source: string) => (source === 'clb' ? `${held}` : `(${held}|${held + 1})`);
    await assert.rejects(wait({ timeoutMs: 5000 }), (error) => {
      assert.ok(error instanceof NotYetError, String(error));
      for (const source of ['clb', 'pod', 'metrics'])
        assert.match(error.message, new RegExp(`nginx-0 TCP/80 ${source}: ${counted(source)} connections`));
      assert.match(error.message, new RegExp(`held by 127\\.0\\.0\\.1 \\(${counted('pod')}, seen for \\d+s\\)`));
      return true;
    });
    const most = Math.max(...[1, 2, 3].map(connectionsOf));
    const metric = `counting by metrics: sandbox_open_connections\\{port="80"\\} is ${counted('metrics')} on nginx-0`;
    assert.match(report.text, new RegExp(`${metric}, and up to (${most}|${most + 1}) on pods with traffic`));
  });
  it('ends with the cloud’s own words when the token expires in the middle of it', async () => {
    await assert.rejects(
      during({ kind: 'expired-token' }),
      (error) =>
        error instanceof CloudError && error.code === 'AuthFailure.TokenFailure' && error.requestId !== undefined,
    );
  });
  it('ends at zero once the last connection has, on all three sources', async () => {
    for (const each of clients) each.destroy();
    const outcome = await wait();
    assert.match(outcome.results[0]?.note ?? '', /clb\+pod\+metrics: 0 connections/);
  });
  it('outlasts a cloud that throttles for a while', async () => {
    const outcome = await during({ kind: 'rate-limit', times: 4 });
    assert.equal(outcome.exitCode, 0);
  });
  it('does not end while the load balancer shows another weight than the annotation asks for', async () => {
    cluster.cloud.misbehave({ kind: 'wrong-weight', weight: 10 });
    await assert.rejects(
      wait({ timeoutMs: 3000 }),
      (error) => error instanceof NotYetError && /shows nginx-0 at weight 10/.test(error.message),
    );
  });
  for (const [fault, sources, says] of [
    [{ kind: 'never-zero' }, ['clb', 'pod'], /clb: 1 connection/],
    [{ kind: 'stale', action: 'GetMonitorData' }, ['clb', 'pod'], /clb: .*(stale|no value)/],
  ] as [Misbehaviour, string[], RegExp][])
    it(`does not end while the monitor is ${fault.kind}, although the pods’ sockets are at zero`, async () => {
      cluster.cloud.misbehave(fault);
      await assert.rejects(wait({ sources, timeoutMs: 9000, stableForMs: 6000 }), (error) => {
        assert.ok(error instanceof NotYetError, String(error));
        assert.match(error.message, says);
        return true;
      });
    });
});
