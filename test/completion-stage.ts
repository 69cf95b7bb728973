/** The stage of the completion tests: the plugin and its completion on PATH, and a cluster with two StatefulSets in the namespace `shop`. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { STATEFUL_SETS } from '../lib/ports/resources.ts';
import { startApiServer } from '../sandbox/apiserver/start-apiserver.ts';
import { connectAs } from '../sandbox/start/start-data-plane.ts';

const ENTRY = fileURLToPath(new URL('../cmd/kubectl-zeroloss.ts', import.meta.url));

/** How a program ended. */
export interface Finished {
  stdout: string;
  stderr: string;
  exitCode?: number;
}

export interface CompletionStage {
  /** A folder of its own; HOME is in it. */
  folder: string;
  /** On PATH, with kubectl-zeroloss in it and nothing else. */
  bin: string;
  /** Runs a program in the stage's environment; never throws. */
  start(file: string, args: readonly string[], more?: Readonly<Record<string, string>>): Promise<Finished>;
  stop(): Promise<void>;
}

/** `kubectl`: the one to put on PATH. The plugin is $KUBECTL_ZEROLOSS, else the sources. */
export async function startCompletionStage(kubectl: string | undefined): Promise<CompletionStage> {
  const folder = await mkdtemp(join(tmpdir(), 'completion-'));
  const bin = join(folder, 'bin');
  const home = join(folder, 'home');
  await mkdir(bin);
  await mkdir(home);
  const built = process.env['KUBECTL_ZEROLOSS'];
  const program = built === undefined ? `'${process.execPath}' --import tsx -- '${ENTRY}'` : `'${built}'`;
  await writeFile(join(bin, 'kubectl-zeroloss'), `#!/bin/sh\nexec ${program} "$@"\n`);
  await chmod(join(bin, 'kubectl-zeroloss'), 0o755);

  const api = await startApiServer({ stateDir: join(folder, 'state'), namespace: 'shop' });
  const kube = await connectAs(api.kubeconfigFile, 'test');
  for (const [name, replicas] of [
    ['gateway', 3],
    ['queue', 1],
  ] as const) {
    const labels = { app: name };
    await kube.create(STATEFUL_SETS, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name },
      spec: {
        replicas,
        serviceName: name,
        selector: { matchLabels: labels },
        updateStrategy: { type: 'OnDelete' },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                name: 'main',
                image: 'nginx:1',
                ports: [{ name: 'amqp', containerPort: 5672 }, { containerPort: 9090 }],
              },
            ],
          },
        },
      },
    });
  }
  await kube.close();
  const env = {
    PATH: [bin, dirname(kubectl ?? '/'), process.env['PATH'] ?? ''].join(delimiter),
    HOME: home,
    KUBECONFIG: api.kubeconfigFile,
  };
  return {
    folder,
    bin,
    start: (file, args, more = {}) =>
      execa(file, args, {
        env: { ...env, ...more },
        extendEnv: false,
        reject: false,
        timeout: 60_000,
        cwd: dirname(dirname(ENTRY)),
      }),
    async stop() {
      await api.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
