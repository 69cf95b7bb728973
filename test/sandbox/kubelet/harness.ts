/** A kubelet on a fake API server, and plain sockets to talk to its pods. */
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { field, list, text } from '../../../lib/core/values/read.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { KubeObject } from '../../../lib/ports.ts';
import { type Authority, openAuthority } from '../../../sandbox/apiserver/pki/authority.ts';
import type { KeyPair } from '../../../sandbox/apiserver/pki/certificate.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from '../../../sandbox/kubelet/start-kubelet.ts';
import { FakeKube } from '../../fakes/api/kube.ts';

export interface Rig {
  kube: FakeKube;
  kubelet: Kubelet;
  authority: Authority;
  /** The objects that the API server shows to the kubelet. */
  client: KeyPair;
  lines: string[];
}

/** Everything ends with the test. */
export async function startRig(
  t: TestContext,
  pods: readonly KubeObject[] = [],
  options: Partial<KubeletOptions> = {},
): Promise<Rig> {
  const stateDir = await mkdtemp(join(tmpdir(), 'kubelet-'));
  t.after(() => rm(stateDir, { recursive: true }));
  const authority = await openAuthority(stateDir);
  const kube = new FakeKube(pods, { gracefulPods: true });
  const lines: string[] = [];
  const certificate = { ...(await authority.issueServer('kubelet', ['127.0.0.1'])), ca: authority.certificate };
  const kubelet = await startKubelet(kube, { certificate, log: (line) => lines.push(line), ...options });
  t.after(() => kubelet.stop());
  const client = await authority.issueClient('apiserver', ['system:masters']);
  return { kube, kubelet, authority, client, lines };
}

/** A ready-at-once pod of the guide's kind, on the node already. */
export function podObject(
  change: {
    name?: string;
    annotations?: Record<string, string>;
    spec?: Record<string, unknown>;
    container?: Record<string, unknown>;
  } = {},
): KubeObject {
  const container = { name: 'nginx', image: 'nginx:1.25.3', ports: [{ containerPort: 8080, name: 'http' }] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: change.name ?? 'nginx-0',
      labels: { 'controller-revision-hash': 'nginx-5d4f' },
      annotations: { 'sandbox.kubectl-zeroloss/ready-after': '0', ...change.annotations },
    },
    spec: { nodeName: 'sandbox-node', containers: [{ ...container, ...change.container }], ...change.spec },
    status: { phase: 'Pending' },
  };
}

const PATIENCE_MS = 10_000;

/** Waits until `read` gives something; throws when it does not, so that a failed test ends. */
export async function until<T>(read: () => T | undefined | false): Promise<T> {
  for (const deadlineMs = Date.now() + PATIENCE_MS; Date.now() < deadlineMs; ) {
    const value = read();
    if (value !== undefined && value !== false) return value;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`waited ${PATIENCE_MS} ms for ${read}`);
}

export const podOf = (kube: FakeKube, name = 'nginx-0') => kube.object(PODS, name);

export function conditionOf(pod: KubeObject | undefined, type: string): unknown {
  return list(pod, 'status', 'conditions').find((condition) => text(condition, 'type') === type);
}

export const isReady = (pod: KubeObject | undefined) => text(conditionOf(pod, 'Ready'), 'status') === 'True';

/** The first container's status. */
export const containerOf = (pod: KubeObject | undefined) => field(pod, 'status', 'containerStatuses', 0);

/** Waits for the pod to be Ready and returns it. */
export async function untilReady(kube: FakeKube, name = 'nginx-0'): Promise<KubeObject> {
  return until(() => {
    const pod = podOf(kube, name);
    return isReady(pod) ? pod : undefined;
  });
}

export const addressOf = (pod: KubeObject) => text(pod, 'status', 'podIP') ?? '';

export interface Client {
  socket: Socket;
  localPort: number;
  /** Everything received so far. */
  received(): string;
  send(path: string, headers?: string): void;
  /** How the connection ended: 'end' for a FIN, else the error's code. */
  ended: Promise<string>;
}

/** Connects; a refused connection rejects with its code in the message. */
export async function dial(t: TestContext, host: string, port = 8080): Promise<Client> {
  const socket = connect({ host, port });
  t.after(() => socket.destroy());
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString();
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
  });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect', resolve);
    socket.on('error', reject);
  });
  return {
    socket,
    localPort: socket.localPort ?? 0,
    received: () => received,
    send: (path, headers = '') => socket.write(`GET ${path} HTTP/1.1\r\nHost: pod\r\n${headers}\r\n`),
    ended,
  };
}

/** Connects as soon as somebody listens. */
export async function dialSoon(t: TestContext, host: string, port = 8080): Promise<Client> {
  for (;;) {
    try {
      return await dial(t, host, port);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** One GET on a connection of its own: the whole answer as text. */
export async function get(t: TestContext, host: string, path: string, port = 8080): Promise<string> {
  const client = await dial(t, host, port);
  client.send(path, 'Connection: close\r\n');
  await client.ended;
  return client.received();
}
