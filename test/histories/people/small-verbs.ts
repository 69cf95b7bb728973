/** Jobs done with the small verbs, one after the other, as the guide has them. */
import { NEW_IMAGE, OLD_IMAGE, TARGET } from '../world/stage.ts';
import type { Done, Shell } from './shell.ts';

interface Batches {
  least: readonly string[];
  evict: readonly string[];
  size: number;
  surge: number;
  replicas: number;
}

/** One pod first, with a little traffic, then more. */
export async function canary({ persist }: Shell, zero: readonly string[]): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  const steps = [
    ['drain', TARGET, '0', '--timeout', '5m'],
    ['wait-zero', TARGET, '0', ...zero],
    ['recreate', TARGET, '0', ...zero],
    ['verify', TARGET, '0', '--timeout', '5m'],
    ['restore', TARGET, '0', ...zero, '--weight', '1,5,10', '--every', '4s'],
  ];
  for (const step of steps) {
    const code = await persist(...step);
    if (code !== 0) return { last, finished: false };
  }
  const code = await persist(...last);
  return { last, finished: code === 0 };
}

/** Batch by batch with the small verbs, as the guide has it. */
export async function script(
  { persist }: Shell,
  zero: readonly string[],
  { least, evict, size, surge, replicas }: Batches,
): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  if (surge > 0 && (await persist('surge', TARGET, String(surge), '--timeout', '6m')) !== 0)
    return { last, finished: false };
  const first = Array.from({ length: size }, (_, ordinal) => ordinal).join(',');
  if ((await persist('drain', TARGET, first, '--timeout', '5m', ...least)) !== 0) return { last, finished: false };
  for (let round = 0; round < 2 * replicas; round += 1) {
    if ((await persist('wait-zero', TARGET, ...zero)) !== 0) return { last, finished: false };
    if ((await persist('recreate', TARGET, ...zero, ...evict)) !== 0) return { last, finished: false };
    const code = await persist('advance', TARGET, '--timeout', '5m', ...least);
    if (code === 3) break;
    if (code !== 0) return { last, finished: false };
  }
  const code = await persist(...last);
  return { last, finished: code === 0, ...(code === 0 ? { image: NEW_IMAGE } : {}) };
}

/** A cordoned node, with the small verbs. */
export async function emptyNode(
  { persist, type }: Shell,
  zero: readonly string[],
  { least, evict, node }: { least: readonly string[]; evict: readonly string[]; node: string },
): Promise<Done> {
  const last = ['restore', TARGET, ...zero];
  const steps = [
    ['drain', TARGET, '--node', node, '--timeout', '5m', ...least],
    ['wait-zero', TARGET, ...zero],
    ['recreate', TARGET, '--node', node, ...zero, ...evict],
  ];
  for (const step of steps) {
    const code = await persist(...step);
    if (code !== 0) return { last, finished: false };
  }
  await type('verify', TARGET);
  const code = await persist(...last);
  return { last, finished: code === 0, ...(code === 0 ? { image: OLD_IMAGE, emptied: node } : {}) };
}
