/** Reads the socket tables of one pod through a container that has `cat`. */
import { ConnectionError, StatusError } from '../../core/errors.ts';
import type { CallOptions, ExecOptions, ExecResult, Kube } from '../../ports.ts';
import { type Socket, SocketTables } from './proc-net-tcp.ts';

const COMMAND = ['cat', '/proc/net/tcp', '/proc/net/tcp6'] as const;
/** ENOENT in the words of glibc and musl, in English and as an image with a Chinese locale says it. */
const NO_FILE = ['No such file or directory', '没有那个文件或目录', '沒有此一檔案或目錄'];
/** Where the kernel has no IPv6 there is no such file, and no such connection. */
const NO_IPV6 = new RegExp(`^cat:.*/proc/net/tcp6.*(?:${NO_FILE.join('|')})$`);
/** The errors of runtimes for a program that the image lacks or cannot run: runc, crun, gVisor, Kata. It stays so. */
const NO_PROGRAM =
  /executable file (?:`cat` )?not found|failed to find executable|\bcat\b.*no such file or directory|"cat": permission denied|ENOENT: no such file/i;
/** A failure of this one container or pod, and not of the way to it, though it comes as a failure of the exec itself. */
const OF_CONTAINER =
  /failed to exec in container|OCI runtime exec failed|container not found|^pods "[^"]*" not found$/i;
/** As shells and runtimes report that a program is not there (POSIX, Shell Command Language, 2.8.2). */
const NOT_FOUND = 127;
/** It is there and cannot be run; some runtimes report this for every failure. */
const CANNOT_RUN = 126;

/** The answer of a container: the pod's sockets, or why it cannot. */
export type SocketsLook =
  | { sockets: readonly Socket[] }
  /** `lacksCat`: it never will. Else it was tried in vain, and another container, or another time, may do better. */
  | { because: string; lacksCat: boolean };

/** Read as it comes, however large the table is. Throws StatusError and ConnectionError when the container could not be asked at all. */
export async function readSockets(
  kube: Kube,
  pod: string,
  container: string,
  options: CallOptions,
): Promise<SocketsLook> {
  const table = new SocketTables();
  const result = await exec(kube, pod, container, { ...options, onStdout: (text) => table.push(text) });
  if ('because' in result) return result;
  table.push(result.stdout);
  const { exitCode } = result;
  const stderr = result.stderr.trim();
  const tables = exitCode === 0 ? 2 : NO_IPV6.test(stderr) ? 1 : undefined;
  if (tables !== undefined) return socketsOf(table, tables);
  const cannotRun = exitCode === NOT_FOUND || (exitCode === CANNOT_RUN && NO_PROGRAM.test(stderr));
  const said = stderr.split('\n')[0] ?? '';
  return {
    because: `cat ended with exit code ${exitCode}${said === '' ? '' : ` (${said})`}`,
    // A program that has printed something is there.
    lacksCat: cannotRun && table.isEmpty,
  };
}

function socketsOf(table: SocketTables, tables: number): SocketsLook {
  try {
    return { sockets: table.end(tables) };
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    return { because: error.message, lacksCat: false };
  }
}

/** Some runtimes tell a missing program by an exit code, others by a failure of the exec itself. */
async function exec(
  kube: Kube,
  pod: string,
  container: string,
  options: ExecOptions,
): Promise<ExecResult | Extract<SocketsLook, { because: string }>> {
  try {
    return await kube.exec(pod, container, COMMAND, options);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const because = error.serverMessage;
    // A container or pod that has ended since it was looked at is a 404: no answer about its sockets, and no end of the wait.
    if (OF_CONTAINER.test(because)) return { because, lacksCat: NO_PROGRAM.test(because) };
    if (error.httpStatus >= 500 && NO_PROGRAM.test(because)) return { because, lacksCat: true };
    throw error;
  }
}
