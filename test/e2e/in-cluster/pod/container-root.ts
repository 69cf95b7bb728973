/**
 * A container as a runtime starts it, without a runtime: a root of its own in a mount namespace, the system's programs and the
 * container's volumes in it, a process namespace in which the command is the first process, and a user without rights.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text as streamText } from 'node:stream/consumers';
import type { ShellResult } from '../../../../sandbox/kubelet/container/shell.ts';
import type { Mount } from './pod-volumes.ts';

/** `$1`: an empty folder. `$2`: `ro` or `rw`. `$3`: the user. Then SOURCE TARGET pairs, `--`, and the command. */
const IN_ITS_OWN_ROOT = `
set -e
trap 'exit 143' TERM
root=$1 mode=$2 user=$3
shift 3
mount -t tmpfs -o mode=755 tmpfs "$root"
for each in bin sbin lib lib32 lib64 libx32 usr etc dev sys; do
  if [ -L "/$each" ]; then cp -P "/$each" "$root/$each"
  elif [ -d "/$each" ]; then mkdir "$root/$each"; mount --rbind "/$each" "$root/$each"; fi
done
mkdir "$root/proc" "$root/run" "$root/var" "$root/tmp"
ln -s ../run "$root/var/run"
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  shift 2
done
shift
if [ "$mode" = ro ]; then mount -o remount,ro "$root"; fi
exec /usr/sbin/chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
`;

export interface ContainerStart {
  /** An empty folder, on which the root is mounted. */
  root: string;
  mounts: readonly Mount[];
  isReadOnly: boolean;
  user: number;
  env: Readonly<Record<string, string>>;
  command: readonly string[];
}

/** The process of `unshare`, whose one child is the container's first process. */
export function spawnContainer({ root, mounts, isReadOnly, user, env, command }: ContainerStart): ChildProcess {
  const words = [root, isReadOnly ? 'ro' : 'rw', String(user)];
  const pairs = mounts.flatMap(({ source, target }) => [source, target]);
  return spawn(
    'unshare',
    ['-m', '-p', '-f', '--kill-child', 'sh', '-c', IN_ITS_OWN_ROOT, 'sh', ...words, ...pairs, '--', ...command],
    { env, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] },
  );
}

/** The process id, out here, of the container's first process; undefined before it is there and after it has gone. */
export function firstProcessOf({ pid }: ChildProcess): number | undefined {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    return child === undefined || child === '' ? undefined : Number(child);
  } catch {
    return undefined;
  }
}

/** Runs a command in the container of a process, as `kubectl exec` does. */
export async function execBeside(
  pid: number,
  user: number,
  env: Readonly<Record<string, string>>,
  command: readonly string[],
): Promise<ShellResult> {
  const as = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  const child = spawn('nsenter', ['-t', String(pid), '-m', '-p', '-r', '--', ...as, ...command], { env });
  const ended = new Promise<number>((resolve) => {
    child.on('error', () => resolve(126));
    child.on('close', (code) => resolve(code ?? 137));
  });
  const [stdout, stderr, exitCode] = await Promise.all([streamText(child.stdout), streamText(child.stderr), ended]);
  return { stdout, stderr, exitCode };
}
