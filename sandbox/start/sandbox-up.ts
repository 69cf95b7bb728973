/** `sandbox up`: a rehearsal cluster in the foreground, until Ctrl-C. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, ZerolossError } from '../../lib/core/errors.ts';
import { list, number, text } from '../../lib/core/values/read.ts';
import { shellWord } from '../../lib/core/values/shell-word.ts';
import { systemErrorText } from '../../lib/core/values/system-error.ts';
import type { Environment, Streams } from '../../lib/output/streams.ts';
import { SERVICES } from '../../lib/ports/resources.ts';
import type { KubeObject } from '../../lib/ports.ts';
import { applyManifest, readManifest, resourceOf } from './apply-manifest.ts';
import { awaitSettled } from './await-ready.ts';
import { openEnvFile } from './env-file.ts';
import { startLiveTraffic } from './live-traffic.ts';
import { SAMPLE_MANIFEST } from './sample-manifest.ts';
import { type RunningCluster, startCluster } from './start-cluster.ts';

export interface UpOptions {
  /** Replaces spec.replicas of every StatefulSet in the manifest. */
  replicas?: number;
  /** A manifest instead of the sample. */
  file?: string;
  /** Where `export NAME=VALUE` lines go once everything is ready. */
  envFile?: string;
  /** A serverless cluster: Services bind pods without the direct-access annotation. */
  serverless?: boolean;
  /** How many nodes the pods are spread over; default 1. */
  nodes?: number;
  /** How long a pod's change takes to show in its Endpoints, ms. */
  endpointLagMs?: number;
  /** Clients from the start: so many short connections a second. */
  traffic?: number;
  streams: Streams;
  signal: AbortSignal;
  env: Environment;
}

/** Resolves with 0 once it was asked to stop. Throws ZerolossError when the manifest cannot be used or the cluster does not settle. */
export async function sandboxUp(options: UpOptions): Promise<number> {
  const { streams, signal } = options;
  const objects = await manifestOf(options);
  const envFile = options.envFile === undefined ? undefined : await openEnvFile(options.envFile);
  try {
    streams.stderr.write('starting the sandbox: API server, controllers, kubelet, load balancer\n');
    const { serverless = false, nodes = 1, endpointLagMs = 0 } = options;
    const cluster = await startCluster({ serverless, nodes, endpointLagMs });
    try {
      await applyManifest(cluster.kube, objects);
      await awaitSettled(cluster, signal);
      const exports = exportLines(cluster.environment);
      await envFile?.fill(exports);
      streams.stdout.write(exports);
      streams.stderr.write(await welcome(cluster, objects, options.envFile));
      const traffic =
        options.traffic === undefined ? undefined : await startLiveTraffic(cluster, options.traffic, streams);
      await stopped(signal);
      await traffic?.stop();
      streams.stderr.write('stopping the sandbox\n');
      return ExitCode.done;
    } finally {
      await cluster.stop();
    }
  } finally {
    await envFile?.remove();
  }
}

async function manifestOf({ file, replicas }: UpOptions): Promise<KubeObject[]> {
  const objects = await readManifest(file === undefined ? SAMPLE_MANIFEST : await textOf(file), file ?? 'the sample');
  for (const object of objects) resourceOf(object);
  if (replicas === undefined) return objects;
  return objects.map((object) =>
    object.kind === 'StatefulSet' ? { ...object, spec: { ...(object['spec'] as object), replicas } } : object,
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ZerolossError(ExitCode.error, `-f ${file} cannot be read: ${systemErrorText(error)}`, {
      hint: '-f takes the path of a manifest: Kubernetes objects in YAML or JSON',
      cause: error,
    });
  }
}

const exportLines = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `export ${name}=${shellWord(value)}\n`)
    .join('');

/** The way into the sandbox from another terminal, wherever that one is. */
export const enterText = (envFile: string | undefined): string =>
  envFile === undefined ? 'paste the export lines above' : `source ${shellWord(resolve(envFile))}`;

async function welcome(
  cluster: RunningCluster,
  objects: readonly KubeObject[],
  envFile: string | undefined,
): Promise<string> {
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
  const set = objects.find((object) => object.kind === 'StatefulSet');
  return [
    ...lines,
    `In another terminal: ${enterText(envFile)}, then try`,
    '  kubectl get pods -o wide',
    ...(set === undefined ? [] : [`  kubectl zeroloss status ${set.metadata.name}${inNamespace(set)}`]),
    'Ctrl-C stops it, and nothing of it is kept.',
    '',
  ].join('\n');
}

const inNamespace = ({ metadata: { namespace } }: KubeObject): string =>
  namespace === undefined || namespace === 'default' ? '' : ` -n ${namespace}`;

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
