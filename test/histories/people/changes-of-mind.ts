/** Jobs of somebody who changes their mind: before a pod is replaced, what was begun is taken back. */
import { OLD_IMAGE, TARGET } from '../world/stage.ts';
import type { Done, Shell } from './shell.ts';

interface Back {
  timeout: readonly string[];
  upgrade: readonly string[];
  restore: readonly string[];
}

/** The image was wrong: the former revision, and the pods that others have replaced meanwhile. */
export async function takeBack({ type, persist }: Shell, { timeout, upgrade, restore }: Back): Promise<Done> {
  await type('history', TARGET);
  await type('pause', TARGET);
  await persist('resume', TARGET);
  const code = await persist('rollback', TARGET, ...timeout, '--to-revision', '1');
  await type('history', TARGET);
  if (code !== 0) return { last: restore, finished: false };
  return { last: upgrade, finished: (await persist(...upgrade)) === 0, image: OLD_IMAGE };
}

/** Capacity was added, and pods drained: all of it is given back. */
export async function giveBack(
  { type, persist }: Shell,
  zero: readonly string[],
  { least, size, surge }: { least: readonly string[]; size: number; surge: number },
): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  await persist('surge', TARGET, String(surge), '--timeout', '4m');
  await type('status', TARGET);
  const first = Array.from({ length: size }, (_, ordinal) => ordinal).join(',');
  await persist('drain', TARGET, first, '--timeout', '2m', ...least);
  return { last, finished: (await persist(...last)) === 0 };
}
