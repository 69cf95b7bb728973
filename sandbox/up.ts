/** `sandbox up`: a rehearsal cluster in the foreground, until Ctrl-C. */
import { readFile, writeFile } from 'node:fs/promises';
import { list, number, text } from '../lib/core/read.ts';
import type { Environment, Streams } from '../lib/output/streams.ts';
import type { KubeObject } from '../lib/ports.ts';
import { SERVICES } from '../lib/resources.ts';
import { applyManifest, readManifest } from './apply-manifest.ts';
import { awaitSettled } from './await-ready.ts';
import { SAMPLE_MANIFEST } from './sample-manifest.ts';
import { type Cluster, startCluster } from './start-cluster.ts';

export interface UpOptions {
  /** Replaces spec.replicas of every StatefulSet in the manifest. */
  replicas?: number;
  /** A manifest instead of the sample. */
  file?: string;
  /** Where `export NAME=VALUE` lines go once everything is ready. */
  envFile?: string;
  streams: Streams;
  signal: AbortSignal;
  env: Environment;
}

/** Resolves with the exit code once it was told to stop. Throws when the manifest cannot be read or the cluster does not settle. */
export async function sandboxUp(options: UpOptions): Promise<number> {
  const { streams, signal } = options;
  const objects = await manifestOf(options);
  streams.stderr.write('starting the sandbox: API server, controllers, kubelet, load balancer\n');
  const cluster = await startCluster();
  try {
    await applyManifest(cluster.kube, objects);
    await awaitSettled(cluster.kube, signal);
    const exports = exportLines(cluster.environment);
    // Into place in one step: who waits for the file never reads half of it.
    if (options.envFile !== undefined) await writeFile(options.envFile, exports, { mode: 0o600, flush: true });
    streams.stdout.write(exports);
    streams.stderr.write(await welcome(cluster));
    await stopped(signal);
    streams.stderr.write('stopping the sandbox\n');
    return 0;
  } finally {
    await cluster.stop();
  }
}

async function manifestOf({ file, replicas }: UpOptions): Promise<KubeObject[]> {
  const objects = await readManifest(
    file === undefined ? SAMPLE_MANIFEST : await readFile(file, 'utf8'),
    file ?? 'the sample',
  );
  if (replicas === undefined) return objects;
  return objects.map((object) =>
    object.kind === 'StatefulSet' ? { ...object, spec: { ...(object['spec'] as object), replicas } } : object,
  );
}

const exportLines = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join('');

const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;

async function welcome(cluster: Cluster): Promise<string> {
  const services = (await cluster.kube.list(SERVICES)).items.filter(
    (service) => text(service, 'spec', 'type') === 'LoadBalancer',
  );
  const lines = services.flatMap((service) =>
    list(service, 'spec', 'ports').map((port) => {
      const id = service.metadata.annotations?.['service.kubernetes.io/loadbalance-id'] ?? '';
      const servicePort = number(port, 'port') ?? 0;
      const address = cluster.clb.addressOf(id, servicePort);
      return `service/${service.metadata.name} port ${servicePort}: ${address === undefined ? 'not bound' : `http://${address.host}:${address.port}/`}`;
    }),
  );
  return [
    ...lines,
    'In another terminal: paste the export lines above, then try',
    '  kubectl get pods -o wide',
    '  kubectl zeroloss status nginx',
    'Ctrl-C stops it, and nothing of it is kept.',
    '',
  ].join('\n');
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
