/** An API server that is away for a while, or whose answers get lost: verbs wait for it, and do nothing twice. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { E2eCluster } from '../cluster/cluster.ts';
import { closeCluster, openCluster } from '../cluster/shared-cluster.ts';
import { guideText } from '../stage/guide-text.ts';
import { FAST, openStage, type Stage } from '../stage/stage.ts';
import { openWriteGate, type WriteGate } from '../stage/trouble/write-gate.ts';

let cluster: E2eCluster;
before(async () => {
  cluster = await openCluster();
});
after(closeCluster);

/** A loopback port on which no program listens yet. */
async function quietPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Passes every byte on to the API server from now on. */
async function openFront(port: number, upstream: URL): Promise<{ server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(upstream.port), upstream.hostname);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => undefined);
      end.once('close', () => {
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, sockets };
}

/** The administrator's kubeconfig with this port in the server's address. */
async function kubeconfigAt(stage: Stage, port: number): Promise<{ file: string; upstream: URL }> {
  const text = await readFile(cluster.kubeconfig, 'utf8');
  const upstream = new URL(/"?server"?: "?(https:[^\s"]+)/.exec(text)?.[1] ?? '');
  const file = join(stage.home, 'kubeconfig-front');
  await writeFile(file, text.replaceAll(upstream.host, `127.0.0.1:${port}`), { mode: 0o600 });
  return { file, upstream };
}

/** Loses the first answer to each write of these methods; their requests are taken. */
function losesAnswers(gate: WriteGate, methods: RegExp): Set<string> {
  const lost = new Set<string>();
  gate.hook = ({ method, path, body }, moment) => {
    const name = `${method} ${path} ${body}`;
    if (moment === 'before' || !methods.test(method) || lost.has(name)) return;
    lost.add(name);
    throw new Error('the answer is lost');
  };
  return lost;
}

describe('an API server that does not answer', { concurrency: true }, () => {
  test('a verb that starts while connections are refused reports it once, and does its work when they are not', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const port = await quietPort();
    const { file, upstream } = await kubeconfigAt(stage, port);
    const drain = stage.start(['drain', 'nginx', '1', '--request-timeout', '2m'], { env: { KUBECONFIG: file } });
    await stage.until('the verb tells', async () => drain.stderrSoFar().includes('trying again until'));
    assert.equal(await stage.weights(), undefined);
    const { server, sockets } = await openFront(port, upstream);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const { code, stderr } = await drain.ended;
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/does not answer \(connection refused\)/g)?.length, 1, stderr);
    assert.equal(await stage.weights(), guideText([1]));
  });

  test('Ctrl-C ends the waiting with 130', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 1 });
    const { file } = await kubeconfigAt(stage, await quietPort());
    const status = stage.start(['status', 'nginx'], { env: { KUBECONFIG: file } });
    await stage.until('the verb tells', async () => status.stderrSoFar().includes('trying again until'));
    status.kill('SIGINT');
    const { code, stderr } = await status.ended;
    assert.equal(code, 130, stderr);
  });

  test('when the answer to each patch and each deletion is lost once, the verbs end as if none were, and nothing is done twice', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const gate = await openWriteGate(cluster.kubeconfig);
    t.after(() => gate.close());
    const lost = losesAnswers(gate, /^(PATCH|DELETE)$/);
    const through = ['--server', gate.url];
    const ok = async (...words: string[]) => {
      const ran = await stage.run([...words, ...through]);
      assert.equal(ran.code, 0, `${words.join(' ')}:\n${ran.stderr}`);
      return ran;
    };
    const former = await stage.annotations();
    await ok('drain', 'nginx', '0');
    assert.equal(await stage.weights(), guideText([0]));
    await stage.setImage();
    const uids = await stage.uids();
    await ok('recreate', 'nginx', ...FAST);
    const now = await stage.uids();
    assert.notEqual(now['nginx-0'], uids['nginx-0']);
    assert.equal(now['nginx-1'], uids['nginx-1']);
    await ok('restore', 'nginx');
    assert.deepEqual(await stage.annotations(), former);
    const said = (await stage.events()).map((event) => event.split(':')[0]);
    assert.deepEqual(said, ['ZerolossDrained', 'ZerolossRecreating', 'ZerolossRecreated', 'ZerolossRestored']);
    assert.ok([...lost].some((name) => name.startsWith('DELETE')));
    assert.ok(lost.size >= 3, [...lost].join('\n'));
  });

  test('an upgrade and a rollback whose every answer is lost once take their own template for theirs, and leave their Events', async (t) => {
    const stage = await openStage(t, cluster, { replicas: 2 });
    const gate = await openWriteGate(cluster.kubeconfig);
    t.after(() => gate.close());
    const lost = losesAnswers(gate, /^(PATCH|DELETE)$/);
    const through = ['--server', gate.url];
    const upgrade = ['upgrade', 'nginx', '--image', 'nginx=nginx:1.25.4', '--yes', '--max-unavailable', '1', ...FAST];
    const ran = await stage.run([...upgrade, ...through]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.doesNotMatch(ran.stderr, /another writer/);
    const back = await stage.run(['rollback', 'nginx', ...through]);
    assert.equal(back.code, 0, back.stderr);
    const said = (await stage.events()).map((event) => event.split(':')[0]);
    for (const reason of ['ZerolossImageSet', 'ZerolossRolledBack'])
      assert.equal(said.filter((each) => each === reason).length, 1, said.join('\n'));
    assert.equal([...lost].filter((name) => /^PATCH .*statefulsets\/nginx.*"template"/.test(name)).length, 2);
  });
});
