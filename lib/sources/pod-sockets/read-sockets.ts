/** Reads the socket tables of one pod through a container that has `cat`. */
import { ConnectionError, StatusError } from '../../errors.ts';
import type { CallOptions, ExecResult, Kube } from '../../ports.ts';
import { parseProcNetTcp, type Socket } from './proc-net-tcp.ts';

const COMMAND = ['cat', '/proc/net/tcp', '/proc/net/tcp6'] as const;
/** Where the kernel has no IPv6 there is no such file, and no such connection. */
const NO_IPV6 = /^cat:.*\/proc\/net\/tcp6.*No such file or directory\s*$/;
/** What runtimes say of a program that the image has not got. */
const NO_PROGRAM = /executable file not found|no such file or directory|failed to find executable/i;

/** The sockets of the pod, or undefined when the container has no `cat`. Throws StatusError and ConnectionError. */
export async function readSockets(
  kube: Kube,
  pod: string,
  container: string,
  options: CallOptions,
): Promise<Socket[] | undefined> {
  const result = await exec(kube, pod, container, options);
  if (result === undefined) return undefined;
  const { exitCode, stdout, stderr } = result;
  if (exitCode === 0) return parseProcNetTcp(stdout, 2);
  if (NO_IPV6.test(stderr.trim())) return parseProcNetTcp(stdout, 1);
  if ((exitCode === 126 || exitCode === 127) && stdout === '') {
    if (NO_PROGRAM.test(stderr)) return undefined;
  }
  const said = stderr.trim().split('\n')[0] ?? '';
  throw new ConnectionError(
    `the sockets of pod/${pod} cannot be read in container ${container}: cat ended with exit code ${exitCode}${said === '' ? '' : ` (${said})`}`,
    { retryable: true },
  );
}

/** Some runtimes tell a missing program by an exit code, others by a failure of the exec itself. */
async function exec(kube: Kube, pod: string, container: string, options: CallOptions): Promise<ExecResult | undefined> {
  try {
    return await kube.exec(pod, container, COMMAND, options);
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus >= 500 && NO_PROGRAM.test(error.serverMessage))
      return undefined;
    throw error;
  }
}
