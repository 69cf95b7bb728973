/** The program in a container: how it opens its ports, and how it takes SIGTERM. */
import type { OnTerminate } from '../../common/pod-behaviour.ts';
import type { ContainerPlan } from '../pod/pod-plan.ts';
import { openPodServer, type PodServer } from '../server/pod-server.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { PodHost } from './pod-host.ts';
import { aborted } from './sleep-unless-aborted.ts';

/** Undefined when a port could not be bound, which the log says. */
export async function openServer(
  { ports, image, fault }: ContainerPlan,
  { address, name, revision }: PodHost,
  log: LogBuffer,
): Promise<PodServer | undefined> {
  try {
    const server = await openPodServer({
      address,
      ports,
      identity: { pod: name, image, revision },
      ready: () => fault !== 'never-ready',
      broken: fault === 'error-answers',
      log: (line) => log.write(line),
    });
    log.write(`listening on ${ports.map((port) => `${address}:${port}`).join(', ') || 'no port'}`);
    return server;
  } catch (error) {
    log.write(`bind: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/**
 * Resolves with the exit code: 0 when all that was open could finish, 143 by the signal, 137 when `kill` aborted first.
 * Without a server the program has opened nothing yet.
 */
export async function stopServer(
  server: PodServer | undefined,
  onTerminate: OnTerminate,
  kill: AbortSignal,
  log: LogBuffer,
): Promise<number> {
  if (server === undefined) return onTerminate === 'graceful' ? 0 : 143;
  log.write('received SIGTERM');
  const killed = aborted(kill).then(() => false);
  const finished =
    onTerminate === 'graceful' ? await Promise.race([server.shutDown().then(() => true), killed]) : false;
  if (onTerminate === 'ignore') await killed;
  if (!finished) server.kill();
  return finished ? 0 : onTerminate === 'ungraceful' ? 143 : 137;
}
