/** Clients inside the cluster that come to the pods past the load balancer: no weight stops them, so that their pods have to wait for them. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SERVICES } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { startProgram } from '../stage/plugin.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';
import { connectInside } from '../stage/trouble/hold.ts';

const AMQP = 5672;
const METRICS = 9090;
const RULE = /no-inside-client/;

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** A broker: clients from outside on port 80, those inside the cluster on 5672, and metrics that no Service leads to. */
function withBroker(object: KubeObject): KubeObject {
  if (object.kind !== 'StatefulSet') return object;
  const spec = object['spec'] as { template: { spec: { containers: { ports: object[] }[] } } };
  for (const container of spec.template.spec.containers)
    container.ports = [
      ...container.ports,
      { name: 'amqp', containerPort: AMQP },
      { name: 'metrics', containerPort: METRICS },
    ];
  return object;
}

const leading = (name: string, port: number, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: 'nginx' }, ports: [{ port }], ...spec },
});

async function openBroker(t: Parameters<typeof openStage>[0], ...services: KubeObject[]): Promise<Stage> {
  const stage = await openStage(t, cluster, { replicas: 2, edit: withBroker });
  for (const service of services) await cluster.kube.create(SERVICES, service, { namespace: stage.namespace });
  return stage;
}

const zero = ['wait-zero', 'nginx', ...FAST] as const;

test('a client on another port, by a ClusterIP Service, is waited for, and its pod is not deleted', async (t) => {
  const stage = await openBroker(t, leading('amqp', AMQP));
  const before = await stage.uids();
  const client = await connectInside(t, stage, 'nginx-0', AMQP);

  const checked = await stage.run(['check', 'nginx', '-o', 'wide']);
  assert.match(
    checked.stdout,
    /WARN +inside-service: service\/amqp \(ClusterIP, TCP\/5672\)[\s\S]*no weight[\s\S]*source pod/,
  );

  const drained = await stage.ok('drain', 'nginx', '0');
  assert.match(
    drained.stderr,
    /service\/amqp \(ClusterIP, TCP\/5672\) leads clients inside the cluster .*no weight stops/,
  );
  const waited = await stage.run([...zero, '--timeout', '8s']);
  assert.equal(waited.code, 6, waited.stderr);
  assert.match(waited.stderr, /nginx-0 in-cluster TCP\/5672 pod: 1 connection, held by 127\.9\.9\.9/);

  await stage.setImage();
  const refused = await stage.run(['recreate', 'nginx', ...FAST]);
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, RULE);
  assert.match(refused.stderr, /--ignore-port amqp/);
  assert.deepEqual([client.lost, await stage.uids()], [false, before]);

  client.release();
  await stage.ok(...zero);
  await stage.ok('recreate', 'nginx', ...FAST);
  assert.notEqual((await stage.uids())['nginx-0'], before['nginx-0']);
});

test('a client on the same port, by a headless Service, is not left to Cloud Monitor, which does not see it', async (t) => {
  const stage = await openBroker(t, leading('peers', 80, { clusterIP: 'None' }));
  const before = await stage.uids();
  const client = await connectInside(t, stage, 'nginx-0', 80);
  await stage.ok('drain', 'nginx', '0');
  await stage.setImage();
  for (const verb of [[...zero], ['recreate', 'nginx', ...FAST]]) {
    const refused = await stage.run([...verb, '--source', 'clb']);
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(refused.stderr, RULE);
    assert.match(refused.stderr, /service\/peers \(headless\) leads clients inside the cluster to port 80 of nginx-0/);
  }
  const held = await stage.run(['recreate', 'nginx', ...FAST]);
  assert.equal(held.code, 4, held.stderr);
  assert.deepEqual([client.lost, await stage.uids()], [false, before]);

  // A flag that names the port allows to cut it.
  await stage.ok('recreate', 'nginx', ...FAST, '--source', 'clb', '--ignore-port', '80');
  assert.equal(client.lost, true);
});

test('a Prometheus on a port that is only declared holds nothing up once it is named, in a script of plan as well', async (t) => {
  const stage = await openBroker(t);
  const before = await stage.uids();
  const scraper = await connectInside(t, stage, 'nginx-1', METRICS);
  await stage.ok('drain', 'nginx', '1');
  await stage.setImage();
  const refused = await stage.run(['recreate', 'nginx', ...FAST]);
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /declared TCP\/9090 pod: 1 connection[\s\S]*--ignore-port metrics/);
  assert.deepEqual([scraper.lost, await stage.uids()], [false, before]);

  const wish = ['plan', 'nginx', '--image', `nginx=${NEW_IMAGE}`, ...FAST, '--min-serving', '1', '-o', 'sh'];
  const script = await stage.ok(...wish, '--ignore-port', 'metrics');
  assert.ok((script.stdout.match(/--ignore-port metrics/g)?.length ?? 0) >= 4, script.stdout);
  const file = join(stage.home, 'upgrade.sh');
  await writeFile(file, script.stdout);
  const ran = await startProgram('bash', [file], stage.env, 240_000).ended;
  assert.equal(ran.code, 0, `${ran.stdout}\n${ran.stderr}`);
  const now = await stage.uids();
  assert.ok(Object.keys(now).every((pod) => now[pod] !== before[pod]));
});
