/** One cluster for all the files that run in this process: run.ts puts several into one, since a cluster takes longer to start than most tests to run. */
import type { E2eCluster } from './cluster.ts';
import { startE2eCluster } from './start-cluster.ts';

let running: Promise<E2eCluster> | undefined;
let users = 0;

/** For `before`; the first one starts it. */
export function openCluster(): Promise<E2eCluster> {
  users += 1;
  running ??= startE2eCluster();
  return running;
}

/** For `after`; the last one stops it. */
export async function closeCluster(): Promise<void> {
  users -= 1;
  if (users > 0) return;
  const last = running;
  running = undefined;
  await (await last)?.stop();
}
