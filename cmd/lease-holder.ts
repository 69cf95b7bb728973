/** Who runs this command, as leases name them: user@host/pid. */
import { hostname, userInfo } from 'node:os';
import type { LeaseHolder } from '../lib/ports.ts';

/** `isRunning`: whether a process of this machine with that id runs. */
export function leaseHolder(pid: number, isRunning: (pid: number) => boolean): LeaseHolder {
  const here = `${userName()}@${hostname()}`;
  return {
    identity: `${here}/${pid}`,
    isGone(identity) {
      const [, who, other] = /^(.*)\/(\d+)$/.exec(identity) ?? [];
      return who === here && other !== undefined && !isRunning(Number(other));
    },
  };
}

/** A user without a name (a bare uid in a container) is still somebody. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
