/** Waits for what another process does: there is no clock to move on, and no turn of this event loop to count. */
import { readFileSync } from 'node:fs';
import { setTimeout as elapse } from 'node:timers/promises';

/** Resolves with the first value of `look` that is not undefined; the time-out of the test is the limit. */
export async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const seen = look();
    if (seen !== undefined) return seen;
    await elapse(10);
  }
}

/** A zombie that no parent reaps counts as gone. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

export const untilGone = (pid: number): Promise<true> => until(() => isGone(pid) || undefined);
