/** The process of this command, as leases name it: user@host/pid, and a mark of where that process id counts. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { LeaseHolder } from '../../lib/ports.ts';

export interface ProcessPlace {
  /** user@host, asked for when it is needed. */
  operator: () => string;
  pid: number;
  /** Where process ids are unique; '' where that is not known. */
  mark: () => string;
  /** Whether a process with that id runs there. */
  isRunning: (pid: number) => boolean;
}

/** Two containers can share user, host name and process id, and then neither sees the other's processes: the mark identifies them. */
export function leaseHolder({ operator, pid, mark, isRunning }: ProcessPlace): LeaseHolder {
  return {
    get identity() {
      return [`${operator()}/${pid}`, mark()].filter((part) => part !== '').join('#');
    },
    isGone(identity) {
      const [, who, other, where = ''] = /^(.*)\/(\d+)(?:#(.*))?$/.exec(identity) ?? [];
      return who === operator() && where === mark() && other !== undefined && !isRunning(Number(other));
    },
  };
}

/**
 * Of this boot of this machine and, within it, of the namespace of process ids (Linux: proc_sys_kernel(5), boot_id;
 * pid_namespaces(7)). '' on other systems, where host names are the machines' own.
 */
export function placeMark(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    const [ids] = /\d+/.exec(readlinkSync('/proc/self/ns/pid')) ?? [''];
    return `${boot.slice(0, 8)}-${ids}`;
  } catch {
    return '';
  }
}

/** proc_pid_stat(5): the state stands behind the name, which may itself hold brackets; zombie and dead have ended. */
const hasEnded = (stat: string): boolean => /^[ZXx] /.test(stat.slice(stat.lastIndexOf(')') + 2));

/** Whether a process with that id runs, of any owner. One that has ended and that its parent has not asked about does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    return !hasEnded(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // Not Linux, or hidden from other users.
    return true;
  }
}
