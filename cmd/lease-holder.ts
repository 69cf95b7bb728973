/** Who runs this command, as leases name them: user@host/pid. */
import type { LeaseHolder } from '../lib/ports.ts';

/** `operator`: user@host, asked for when somebody wants to know. `isRunning`: whether a process of this machine with that id runs. */
export function leaseHolder(operator: () => string, pid: number, isRunning: (pid: number) => boolean): LeaseHolder {
  return {
    get identity() {
      return `${operator()}/${pid}`;
    },
    isGone(identity) {
      const [, who, other] = /^(.*)\/(\d+)$/.exec(identity) ?? [];
      return who === operator() && other !== undefined && !isRunning(Number(other));
    },
  };
}
