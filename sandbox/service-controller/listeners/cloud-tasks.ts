import type { Clock } from '../../../lib/ports.ts';
import { CloudFault } from '../../clb/balancers/fault.ts';
import type { Task } from '../../clb/balancers/tasks.ts';

const BUSY_RETRY_MS = 50;

/** Submits a task, waiting while the balancer is busy with another, and waits until it is over. Throws when it failed. */
export async function runTask<T extends Task>(submit: () => T, clock: Clock, signal: AbortSignal): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    let task: T;
    try {
      task = submit();
    } catch (error) {
      if (!(error instanceof CloudFault) || error.code !== 'FailedOperation.ResourceInOperating') throw error;
      await clock.sleep(BUSY_RETRY_MS, signal);
      continue;
    }
    const state = await task.done;
    if (state.status === 0) return task;
    throw new CloudFault('FailedOperation', `task ${task.id} on ${state.balancerId} failed: ${state.message}`);
  }
}
