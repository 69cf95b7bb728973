/**
 * Images that are real programs: the built one, and Argo's executor. Their containers run as processes of this machine, with
 * the variables, volumes and user of their pod and no others.
 */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { field, list, number, text } from '../../../../lib/core/values/read.ts';
import type { Kube, KubeObject } from '../../../../lib/ports.ts';
import type { ContainerProcess, Launch } from '../../../../sandbox/kubelet/container/container-process.ts';
import { PLUGIN } from '../../stage/plugin.ts';
import { type ContainerStart, execBeside, firstProcessOf, spawnContainer } from './container-root.ts';
import { containerVariables } from './pod-variables.ts';
import { type PodVolumes, podVolumes } from './pod-volumes.ts';

export const IMAGE = 'zeroloss-e2e:v1';
/** The place of programs in every image here, as in deploy/Dockerfile. */
const PROGRAMS = '/usr/local/bin';

/** An image: the folder of its programs on this machine, and what it runs where the pod names no command. */
export interface ProgramImage {
  folder: string;
  entrypoint: readonly string[];
}

/** The image of deploy/Dockerfile: the built program, wherever it lies. */
export const OWN_IMAGES: Readonly<Record<string, ProgramImage>> = {
  [IMAGE]: { folder: dirname(PLUGIN), entrypoint: [`${PROGRAMS}/kubectl-zeroloss`] },
};

/** Throws, by name, where the kernel or the rights of this process do not allow it: nothing else would prove the same. */
export async function refuseWithoutMounts(): Promise<void> {
  const root = emptyFolder();
  const nothing = { mounts: [], isReadOnly: true, user: 65_532, env: {}, command: ['true'] };
  const code = await endOf(spawnContainer({ root, ...nothing })).catch((error: Error) => error.message);
  rmSync(root, { recursive: true });
  if (code !== 0)
    throw new Error(
      `this test needs a mount and a process namespace of its own (unshare -m -p, as root, with setpriv), which this machine refuses: exit ${code}`,
    );
}

export interface PodProcesses {
  launch: Launch;
  /** Lines of every process of a program that is ours, by its pod's name. */
  readonly logs: ReadonlyMap<string, readonly string[]>;
  /** Lines of everything else that was started. */
  readonly others: readonly string[];
  /** Puts a new token into every pod that runs, and ends the old one. */
  rotateTokens(): Promise<void>;
}

/** `kube`: the administrator's, as the kubelet's own. `server`: where pods find the API server. `env`: of this machine, in every container. */
export function podProcesses(
  connect: () => { kube: Kube; server: URL; env?: Readonly<Record<string, string>> },
  images: Readonly<Record<string, ProgramImage>> = OWN_IMAGES,
): PodProcesses {
  const logs = new Map<string, string[]>();
  const others: string[] = [];
  const pods = new Map<string, { volumes: Promise<PodVolumes>; running: number }>();

  const launch: Launch = (pod, container, write) => {
    const image = images[text(container, 'image') ?? ''];
    if (image === undefined) return undefined;
    const lines: string[] = [];
    if (text(container, 'image') === IMAGE) logs.set(pod.metadata.name, lines);
    return start(pod, container, image, (line) => {
      if (text(container, 'image') === IMAGE) lines.push(line);
      else others.push(`${pod.metadata.name} ${text(container, 'name')}: ${line}`);
      write(line);
    });
  };

  function start(pod: KubeObject, container: unknown, image: ProgramImage, write: (line: string) => void) {
    const { kube } = connect();
    const { uid = '' } = pod.metadata;
    const its = pods.get(uid) ?? { volumes: podVolumes(kube, pod), running: 0 };
    pods.set(uid, its);
    its.running += 1;
    const process = startContainer(() => plan(pod, container, image, its.volumes), write);
    void process.ended.then(async () => {
      its.running -= 1;
      // An init container is over before the others begin.
      if (its.running > 0 || isInit(pod, container)) return;
      pods.delete(uid);
      await (await its.volumes).remove();
    });
    return process;
  }

  async function plan(
    pod: KubeObject,
    container: unknown,
    { folder, entrypoint }: ProgramImage,
    volumes: Promise<PodVolumes>,
  ): Promise<ContainerStart> {
    const { kube, server, env = {} } = connect();
    const mounts = await (await volumes).mountsOf(container);
    const command = list(container, 'command').map(String);
    return {
      root: emptyFolder(),
      mounts: [{ source: folder, target: PROGRAMS }, ...mounts],
      isReadOnly: field(container, 'securityContext', 'readOnlyRootFilesystem') === true,
      user: number(pod, 'spec', 'securityContext', 'runAsUser') ?? 0,
      env: {
        PATH: `${PROGRAMS}:/usr/bin:/bin`,
        KUBERNETES_SERVICE_HOST: server.hostname,
        KUBERNETES_SERVICE_PORT: server.port,
        ...env,
        ...(await containerVariables(kube, pod, container)),
      },
      command: [...(command.length > 0 ? command : entrypoint), ...list(container, 'args').map(String)].map(expanded),
    };
  }

  return {
    launch,
    logs,
    others,
    rotateTokens: async () => {
      await Promise.all([...pods.values()].map(async ({ volumes }) => (await volumes).rotate()));
    },
  };
}

function startContainer(plan: () => Promise<ContainerStart>, write: (line: string) => void): ContainerProcess {
  let wanted: NodeJS.Signals | undefined;
  let running: { child: ChildProcess; start: ContainerStart } | undefined;
  const run = async (): Promise<number> => {
    const start = await plan();
    try {
      if (wanted !== undefined) return 143;
      const child = spawnContainer(start);
      running = { child, start };
      for (const stream of [child.stdout, child.stderr])
        if (stream !== null) createInterface({ input: stream }).on('line', write);
      return await endOf(child);
    } finally {
      running = undefined;
      rmSync(start.root, { recursive: true });
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
      if (running === undefined) return;
      const pid = firstProcessOf(running.child);
      if (pid === undefined) running.child.kill(signal);
      else process.kill(pid, signal);
    },
    async exec(command) {
      const pid = running === undefined ? undefined : firstProcessOf(running.child);
      if (running === undefined || pid === undefined)
        return { stdout: '', stderr: 'the container has no process\n', exitCode: 126 };
      return execBeside(pid, running.start.user, running.start.env, command);
    },
  };
}

const endOf = (child: ChildProcess): Promise<number> =>
  new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });

/** Open to every user, as a root is. */
function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zeroloss-root-'));
  chmodSync(folder, 0o755);
  return folder;
}

const isInit = (pod: KubeObject, container: unknown): boolean =>
  list(pod, 'spec', 'initContainers').some((each) => text(each, 'name') === text(container, 'name'));

/** No variable of these tests stands in an argument, so that $$ is all that there is to read (Kubernetes: Container.args). */
const expanded = (word: string): string => word.replaceAll('$$', '$');
