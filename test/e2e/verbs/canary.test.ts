/** Canary weights by a real process: a batch that turns sick between two steps is raised no further, and no client loses a connection. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StatusDetails } from '../../../lib/core/status/status-view.ts';
import { PODS, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { FAST, NEW_IMAGE, openStage, type Stage } from '../stage/stage.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** A readiness gate that this test is the controller of: it turns a pod sick without cutting what the pod serves. */
const WELL = 'example.com/well';

/** The weight that the load balancer shows for each ordinal. */
async function weightsShown(stage: Stage): Promise<(number | null | undefined)[]> {
  const { stdout } = await stage.ok('status', 'nginx', '-o', 'json');
  const { details } = JSON.parse(stdout) as { details: StatusDetails };
  return details.rows.map(({ backends }) => backends[0]?.seenWeight);
}

/** Sets the operator's own readiness gate on the new pod of an ordinal, once there is one. */
async function sayWell(stage: Stage, ordinal: number, status: 'True' | 'False'): Promise<void> {
  const name = `nginx-${ordinal}`;
  await stage.until(`${name} is new`, async () => (await stage.images())[name] === NEW_IMAGE);
  const patch = { status: { conditions: [{ type: WELL, status }] } };
  const { namespace } = stage;
  await cluster.kube.patch(PODS, name, patch, { type: 'strategic', subresource: 'status', namespace });
}

test('a pod that turns sick between two steps stops the canary, which says which, since when, at what weight, and what to type', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 6 });
  const traffic = await stage.traffic();
  await stage.patch(
    'nginx',
    { spec: { template: { spec: { readinessGates: [{ conditionType: WELL }] } } } },
    STATEFUL_SETS,
  );
  await stage.setImage();
  await stage.ok('drain', 'nginx', '0-2');
  await stage.ok('wait-zero', 'nginx', ...FAST);
  const recreating = stage.start(['recreate', 'nginx', ...FAST]);
  for (const ordinal of [0, 1, 2]) await sayWell(stage, ordinal, 'True');
  const recreated = await recreating.ended;
  assert.equal(recreated.code, 0, recreated.stderr);

  const canary = stage.start(['restore', 'nginx', '0-2', '--weight', '1,5,10', '--every', '4s']);
  await stage.until('weight 5 is observed', async () => canary.stderrSoFar().includes('weight 5 for'));
  await stage.until('the load balancer shows it', async () => (await weightsShown(stage))[0] === 5);
  const sickMs = Date.now();
  await sayWell(stage, 1, 'False');
  const { code, stdout, stderr } = await canary.ended;

  assert.equal(code, 7, stderr);
  assert.match(stdout, /^service\/nginx restored \(ordinals 0-2 to weight 5 on TCP\/\d+\)\n$/, stderr);
  const stopped = /^error: stopped at weight 5 \(step 2 of 3\): (.*)$/m.exec(stderr)?.[1] ?? '';
  assert.match(stopped, /^nginx-1 has a readiness gate that is not met: example.com\/well /, stderr);
  assert.doesNotMatch(stopped, /nginx-[02345]/, 'the others are well');
  const atMs = Date.parse(/ \(at (\S+), (?:after \S+ without a fault|at the first look)\)$/.exec(stopped)?.[1] ?? '');
  assert.ok(atMs >= sickMs - 1000 && atMs <= Date.now(), stderr);
  assert.deepEqual(await weightsShown(stage), [5, 5, 5, 10, 10, 10]);
  assert.match((await stage.weights()) ?? '', /"weight":5,"podIndexes":\[0,1,2\]/);

  // The words that it says are typed as they are: the sick batch gets no more traffic, and the former template comes back.
  const said = (what: RegExp): string[] => (what.exec(stderr)?.[1] ?? '').split(' ');
  const drain = said(/to take their traffic away: kubectl[ -]zeroloss (drain nginx \S+) -n \S+$/m);
  assert.deepEqual(drain, ['drain', 'nginx', '0-2'], stderr);
  await stage.ok(...drain);
  assert.deepEqual(await weightsShown(stage), [0, 0, 0, 10, 10, 10]);
  await stage.ok(...said(/to go back to the former template: kubectl[ -]zeroloss (rollback nginx) -n \S+$/m));
  await stage.ok('wait-zero', 'nginx', ...FAST);
  await stage.ok('recreate', 'nginx', ...FAST);
  await stage.ok('restore', 'nginx');
  assert.deepEqual(await weightsShown(stage), [10, 10, 10, 10, 10, 10]);
  assert.ok(!Object.values(await stage.images()).includes(NEW_IMAGE));
  assert.equal(await stage.weights(), undefined);
  assert.deepEqual((await traffic.stop()).lost, []);
});
