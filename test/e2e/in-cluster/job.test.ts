/**
 * An upgrade as a Job, on a real control plane: the manifest of `plan -o job` is applied, the Job controller makes the pod, and
 * the pod's one process is the built program with the pod's own token, CA and namespace.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { number, text, texts } from '../../../lib/core/values/read.ts';
import { LEASES, STATEFUL_SETS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import type { E2eCluster } from '../cluster/cluster.ts';
import { startE2eCluster } from '../cluster/start-cluster.ts';
import { FAST, openStage } from '../stage/stage.ts';
import { watchUids } from '../stage/watch-uids.ts';
import { Jobs } from './jobs.ts';
import { podProcesses, refuseWithoutMounts } from './pod/pod-process.ts';

/** The first Job's pod has a node to itself, which can be drained without a gateway on it. */
const OTHERS = ['sandbox-node', 'sandbox-node-2'];
const APART = 'sandbox-node-3';

const home = mkdtempSync(join(tmpdir(), 'zeroloss-home-'));
let cluster: E2eCluster;
let jobs: Jobs;
let server: URL;
const processes = podProcesses(() => ({ kube: cluster.kube, server }));
before(async () => {
  await refuseWithoutMounts();
  cluster = await startE2eCluster({ nodes: 3, launch: processes.launch });
  jobs = new Jobs(cluster, processes, home);
  server = await jobs.server();
});
after(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('a Job upgrades ten pods under traffic with nothing lost, though its pod is killed and its node drained on the way', async (t) => {
  await jobs.cordon([APART], true);
  t.after(() => jobs.cordon([...OTHERS, APART], false));
  const stage = await openStage(t, cluster, { replicas: 10 });
  const seen = await watchUids(t, stage);
  const traffic = await stage.traffic();
  await jobs.cordon([APART], false);
  await jobs.cordon(OTHERS, true);
  const job = await jobs.start(stage, '--batch', '2');
  const first = await jobs.runningPod(stage, job);
  await jobs.cordon(OTHERS, false);
  await jobs.cordon([APART], true);
  assert.equal(text(first, 'spec', 'nodeName'), APART);

  await jobs.untilUpdated(stage, job, 2);
  await processes.rotateTokens();
  await jobs.untilUpdated(stage, job, 4);
  const lease = await cluster.kube.get(LEASES, 'kubectl-zeroloss-nginx', { namespace: stage.namespace });
  const { uid } = (await jobs.get(stage, job)).metadata;
  assert.equal(text(lease, 'spec', 'holderIdentity'), `job/${job}/${first.metadata.name}#${uid}/${first.metadata.uid}`);

  await jobs.ok(['drain', APART, '--ignore-daemonsets', '--pod-selector', `job-name=${job}`]);
  const second = await jobs.runningPod(stage, job);
  assert.notEqual(text(second, 'spec', 'nodeName'), APART);
  const failed = async () => number(await jobs.get(stage, job), 'status', 'failed') ?? 0;
  assert.equal(await failed(), 0, 'a drained node does not count');
  await jobs.untilUpdated(stage, job, 6);
  // Killed without a word: its Lease runs out, and the next pod of the same Job takes it over, having waited where it began before.
  const without = ['--grace-period=0', '--force', '--wait=false'];
  await jobs.ok(['delete', 'pod', second.metadata.name, ...without], stage.namespace);
  const left = await cluster.kube.get(LEASES, 'kubectl-zeroloss-nginx', { namespace: stage.namespace });
  assert.match(text(left, 'spec', 'holderIdentity') ?? '', new RegExp(`^job/${job}/${second.metadata.name}#`));
  const third = await jobs.runningPod(stage, job);
  await jobs.untilUpdated(stage, job, 10);
  await jobs.untilIt(stage, job, 'Complete');

  const { lost, connections, byPod } = await traffic.stop();
  assert.deepEqual(lost, []);
  assert.ok(connections > 500, `only ${connections} connections were opened meanwhile`);
  assert.equal(Object.keys(byPod).filter((name) => name.startsWith('nginx-')).length, 10);
  // The first was asked to end and could say where it stood; the second was not, and left no exit code to be ignored.
  const linesOf = (pod: KubeObject) => (processes.logs.get(pod.metadata.name) ?? []).join('\n');
  assert.match(linesOf(first), /upgrade was interrupted; completed writes stay/);
  assert.doesNotMatch(linesOf(second), /interrupted/);
  assert.match(linesOf(third), new RegExp(`${second.metadata.name}`), 'it names the pod whose Lease it waits for');
  assert.equal(await failed(), 1);
  // Each pod was replaced once: no run did the work of the one before again.
  const gateways = [...seen].filter(([name]) => /^nginx-\d+$/.test(name));
  assert.deepEqual(
    gateways.map(([, uids]) => uids.size),
    Array.from({ length: 10 }, () => 2),
  );
  assert.equal(processes.logs.size, 3, jobs.log());
  assert.ok(!jobs.log().includes('\u001b'), 'kubectl logs shows plain lines');
  assert.match(jobs.log(), /every pod is updated, ready and under traffic/);
  assert.doesNotMatch(jobs.log(), /forbidden|Unauthorized/i);
  assert.equal(number(await jobs.get(stage, job), 'status', 'succeeded'), 1);
  assert.equal(await stage.weights(), undefined);
});

test('the ServiceAccount of a Job may do nothing to another pod, Service, StatefulSet or Lease, and pauses where it was asked to', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const job = await jobs.start(stage, '--pause-at', '1');
  const as = `--as=system:serviceaccount:${stage.namespace}:${job}`;
  const may = async (words: string) =>
    (await jobs.kubectl(['auth', 'can-i', ...words.split(' '), as], stage.namespace)).stdout.trim();
  for (const words of ['delete pod/nginx-0', 'patch service/nginx', 'get lease/kubectl-zeroloss-nginx'])
    assert.equal(await may(words), 'yes', words);
  for (const words of [
    ...['delete pod/other-0', 'patch service/other', 'patch statefulset/other', 'patch lease/other', 'get secrets'],
    ...['create pods', 'delete statefulset/nginx', 'get pods --all-namespaces', 'list nodes', 'patch role'],
  ])
    assert.match(await may(words), /^no/, words);

  await jobs.untilIt(stage, job, 'Complete');
  const shown = await jobs.ok(['logs', '-f', `job/${job}`], stage.namespace);
  const [pod] = await jobs.podsOf(stage, job);
  assert.deepEqual(shown.trimEnd().split('\n'), processes.logs.get(pod?.metadata.name ?? ''));
  assert.match(shown, /paused.*1 of 2 pods/);
  assert.equal(await jobs.updated(stage), 1);
  const events = (await stage.events()).join('\n');
  assert.match(events, /ZerolossPauseReached: paused, .*1 of 2 pods are updated; nothing is drained/);
});

test('deleting the Job interrupts it cleanly: its last lines and an Event name the state, and the same upgrade goes on from a laptop', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 3 });
  const traffic = await stage.traffic();
  const job = await jobs.start(stage, '--soak', '20s');
  await jobs.untilUpdated(stage, job, 1);
  const pod = await jobs.runningPod(stage, job);
  await jobs.ok(['delete', 'job', job], stage.namespace);
  await stage.until('its pod is gone', async () => (await jobs.podsOf(stage, job)).length === 0, 60_000);
  const last = (processes.logs.get(pod.metadata.name) ?? []).join('\n');
  assert.match(last, /upgrade was interrupted; completed writes stay, nothing more will be written: 1 of 3 pods/);
  assert.match(last, /to go on: .*\n?.*to go back: kubectl zeroloss rollback nginx/);
  const events = (await stage.events()).join('\n');
  assert.match(events, /ZerolossInterrupted: upgrade was interrupted: 1 of 3 pods are updated/);
  await stage.ok('upgrade', 'nginx', '--yes', ...FAST);
  assert.equal(await jobs.updated(stage), 3);
  assert.deepEqual((await traffic.stop()).lost, []);
});

test('a manifest for another template is refused by name, no pod is touched, and the Job fails at once', async (t) => {
  const stage = await openStage(t, cluster, { replicas: 2 });
  const uids = await stage.uids();
  const { job, file } = await jobs.plan(stage);
  const labels = {
    ...texts(await stage.set(), 'spec', 'template', 'metadata', 'labels'),
    changed: 'meanwhile',
  };
  await stage.patch('nginx', { spec: { template: { metadata: { labels } } } }, STATEFUL_SETS);
  await jobs.apply(stage, file);
  await jobs.untilIt(stage, job, 'Failed');
  assert.match(jobs.log(), /pinned: the template of statefulset\/nginx has changed since this upgrade was made for it/);
  const pods = await jobs.gateways(stage);
  assert.deepEqual(Object.fromEntries(pods.map(({ metadata }) => [metadata.name, metadata.uid ?? ''])), uids);
  assert.equal((await jobs.podsOf(stage, job)).length, 1);
});

test('a Job empties a cordoned node under traffic, may read no other node, and the command in its head takes all of it away', async (t) => {
  t.after(() => jobs.cordon([...OTHERS, APART], false));
  const stage = await openStage(t, cluster, { replicas: 6 });
  const nodeOf = async () => (await jobs.gateways(stage)).map((pod) => text(pod, 'spec', 'nodeName') ?? '');
  const node = (await nodeOf())[0] ?? assert.fail();
  assert.ok((await nodeOf()).some((each) => each !== node));
  await jobs.cordon([node], true);
  const traffic = await stage.traffic();
  const { job, file } = await jobs.planAsIs(stage, '--node', node);
  await jobs.apply(stage, file);
  const as = `--as=system:serviceaccount:${stage.namespace}:${job}`;
  const may = async (...words: string[]) =>
    (await jobs.kubectl(['auth', 'can-i', ...words, as], stage.namespace)).stdout.trim();
  assert.match(await may('list', `nodes/${node}`), /^yes/);
  for (const words of [
    ['list', 'nodes'],
    ['get', 'persistentvolumes'],
    ['patch', `nodes/${node}`],
  ])
    assert.match(await may(...words), /^no/, words.join(' '));

  await jobs.untilIt(stage, job, 'Complete');
  assert.deepEqual((await traffic.stop()).lost, []);
  assert.ok(!(await nodeOf()).includes(node));
  assert.doesNotMatch(jobs.log(), /forbidden/i);

  const [, words = ''] = /^# +kubectl (delete .*clusterrole .*)$/m.exec(await readFile(file, 'utf8')) ?? [];
  const gone = await jobs.ok(words.split(' '), stage.namespace);
  assert.equal(gone.match(/ deleted/g)?.length, 6, gone);
});
