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
