/**
 * One image as a real process: the built program, as a container runtime would start it. It has a mount namespace of its own, in
 * which the service account's folder lies where every pod finds it, the variables of its pod and no others, and no rights.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { list, text } from '../../../lib/core/values/read.ts';
import type { Kube, KubeObject } from '../../../lib/ports.ts';
import type { ContainerProcess, Launch } from '../../../sandbox/kubelet/container/container-process.ts';
import { PLUGIN } from '../stage/plugin.ts';
import { podVariables, serviceAccountFolder } from './pod-files.ts';

export const IMAGE = 'zeroloss-e2e:v1';

/** Where every pod finds it (Kubernetes: ServiceAccount admission). */
const MOUNT = '/run/secrets/kubernetes.io/serviceaccount';

/** `$1`: the folder; the rest: the command. A folder of its own over /run, so that nothing is made on the machine itself. */
const IN_ITS_OWN_MOUNTS = `
mount -t tmpfs -o mode=755 tmpfs /run && mkdir -p ${MOUNT} && mount --bind "$1" ${MOUNT} || exit 125
shift
exec setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs --inh-caps=-all "$@"
`;

/** Throws, by name, where the kernel or the rights of this process do not allow it: nothing else would prove the same. */
export async function refuseWithoutMounts(): Promise<void> {
  const code = await exitOf('unshare', ['-m', 'sh', '-c', IN_ITS_OWN_MOUNTS, 'sh', '/tmp', 'true']);
  if (code !== 0)
    throw new Error(
      `this test needs a mount namespace of its own (unshare -m, as root, with setpriv), which this machine refuses: exit ${code}`,
    );
}

const exitOf = (file: string, words: readonly string[]): Promise<number | string> =>
  new Promise((resolve) => {
    const child = spawn(file, words, { stdio: 'ignore' });
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });

export interface PodProcesses {
  launch: Launch;
  /** Lines of every process that was started, by its pod's name. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  /** Puts a new token into every pod that runs, and ends the old one. */
  rotateTokens(): Promise<void>;
}

/** `kube`: the administrator's, as the kubelet's own. `server`: where pods find the API server. */
export function podProcesses(connect: () => { kube: Kube; server: URL }): PodProcesses {
  const logs = new Map<string, string[]>();
  const folders = new Map<string, Awaited<ReturnType<typeof serviceAccountFolder>>>();
  const launch: Launch = (pod, container, write) => {
    if (text(container, 'image') !== IMAGE) return undefined;
    const lines: string[] = [];
    logs.set(pod.metadata.name, lines);
    return start(pod, list(container, 'args').map(String), (line) => {
      lines.push(line);
      write(line);
    });
  };

  function start(pod: KubeObject, args: readonly string[], write: (line: string) => void): ContainerProcess {
    const { kube, server } = connect();
    let wanted: NodeJS.Signals | undefined;
    let running: ReturnType<typeof spawn> | undefined;
    const run = async (): Promise<number> => {
      const folder = await serviceAccountFolder(kube, pod);
      folders.set(pod.metadata.name, folder);
      try {
        const env = {
          ...(await podVariables(kube, pod)),
          PATH: '/usr/bin:/bin',
          KUBERNETES_SERVICE_HOST: server.hostname,
          KUBERNETES_SERVICE_PORT: server.port,
        };
        if (wanted !== undefined) return 143;
        const words = ['-m', 'sh', '-c', IN_ITS_OWN_MOUNTS, 'sh', folder.path, PLUGIN, ...args.map(expanded)];
        const child = spawn('unshare', words, { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
        running = child;
        for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', write);
        return await new Promise((resolve, reject) => {
          child.on('error', reject);
          child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
        });
      } finally {
        folders.delete(pod.metadata.name);
        await folder.remove();
      }
    };
    const ended = run().catch((error: unknown) => {
      write(`the process could not be started: ${error instanceof Error ? error.message : error}`);
      return 128;
    });
    return {
      ended,
      kill(signal) {
        wanted = signal;
        running?.kill(signal);
      },
    };
  }

  return {
    launch,
    logs,
    rotateTokens: async () => {
      await Promise.all([...folders.values()].map((folder) => folder.rotate()));
    },
  };
}

/** No variable of these tests stands in an argument, so that $$ is all that there is to read (Kubernetes: Container.args). */
const expanded = (word: string): string => word.replaceAll('$$', '$');
