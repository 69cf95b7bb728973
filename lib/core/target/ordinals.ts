/**
 * Ordinals: the numbers of a StatefulSet's pods.
 * Law: parseOrdinals(formatOrdinals(x)) = x, and the result is always sorted and without repeats.
 */
import { UsageError } from '../errors.ts';
import { advice, lines, own } from '../values/command.ts';

const ACCEPTED = 'accepted: 0,1 or 0-3 or 0-3,7 or pod names';
/** One word may not stand for more pods than a StatefulSet can sensibly have. */
const MAX_ORDINALS = 10_000;

/** Sorts and removes repeats. */
export function ordinalSet(ordinals: Iterable<number>): number[] {
  return [...new Set(ordinals)].sort((a, b) => a - b);
}

export function union(a: Iterable<number>, b: Iterable<number>): number[] {
  return ordinalSet([...a, ...b]);
}

/** The ordinals of `a` that are not in `b`. */
export function without(a: Iterable<number>, b: Iterable<number>): number[] {
  const gone = new Set(b);
  return ordinalSet(a).filter((ordinal) => !gone.has(ordinal));
}

export function intersection(a: Iterable<number>, b: Iterable<number>): number[] {
  const kept = new Set(b);
  return ordinalSet(a).filter((ordinal) => kept.has(ordinal));
}

/**
 * Reads `0,1`, `0-3`, `0-3,7`, or names of the target's pods (`nginx-0`, `pod/nginx-0`).
 * Throws UsageError for an empty text, an empty or malformed part, a reversed range, or a pod of another name.
 */
export function parseOrdinals(text: string, target: string): readonly number[] {
  if (text.trim() === '') throw new UsageError('ordinals are empty', `${ACCEPTED}, for example: ${target}-0`);
  const ordinals: number[] = [];
  for (const part of text.split(',')) {
    for (const ordinal of parsePart(part.trim(), text, target)) ordinals.push(ordinal);
    if (ordinals.length > MAX_ORDINALS) {
      throw new UsageError(`ordinals "${text}" name more than ${MAX_ORDINALS} pods`, ACCEPTED);
    }
  }
  return ordinalSet(ordinals);
}

function parsePart(part: string, text: string, target: string): number[] {
  if (part === '') throw new UsageError(`ordinals "${text}" have an empty part`, ACCEPTED);
  if (/^(all|\*)$/i.test(part))
    throw new UsageError(
      `"${part}" is not an ordinal: pods are named one by one, or as a range, so that none is named by mistake`,
      lines(ACCEPTED, advice`to work through all pods, batch by batch: ${own('upgrade', target)}`),
    );
  const range = /^(0|[1-9]\d{0,6})(?:-(0|[1-9]\d{0,6}))?$/.exec(part);
  if (range?.[1] !== undefined) {
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    if (last < first) throw new UsageError(`range "${part}" runs backwards`, `did you mean ${last}-${first}?`);
    if (last - first >= MAX_ORDINALS)
      throw new UsageError(`range "${part}" names more than ${MAX_ORDINALS} pods`, ACCEPTED);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  }
  const name = part.replace(/^pods?\//, '');
  const ordinal = ordinalOf(name, target);
  if (ordinal !== undefined) return [ordinal];
  const otherPod = /^(.+)-\d+$/.exec(name);
  if (otherPod !== null && /[a-z]/.test(name)) {
    throw new UsageError(
      `pod "${name}" does not belong to statefulset "${target}"`,
      `its pods are named ${target}-0, ${target}-1, …`,
    );
  }
  throw new UsageError(`"${part}" is not an ordinal`, ACCEPTED);
}

/** The ordinal in a pod's name, or undefined when the name is not one of the target's. */
export function ordinalOf(podName: string, target: string): number | undefined {
  if (!podName.startsWith(`${target}-`)) return undefined;
  const digits = podName.slice(target.length + 1);
  return /^(0|[1-9]\d{0,9})$/.test(digits) ? Number(digits) : undefined;
}

/** `ordinal 1`, `ordinals 0-3,7` or `no ordinals`. */
export function ordinalsText(ordinals: readonly number[]): string {
  if (ordinals.length === 0) return 'no ordinals';
  return `${ordinals.length === 1 ? 'ordinal' : 'ordinals'} ${formatOrdinals(ordinals)}`;
}

/** `0-3,7`: runs of three and more as a range, which parseOrdinals reads back. */
export function formatOrdinals(ordinals: Iterable<number>): string {
  const parts: string[] = [];
  let run: number[] = [];
  const flush = () => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return;
    if (run.length > 2) parts.push(`${first}-${last}`);
    else parts.push(...run.map(String));
    run = [];
  };
  for (const ordinal of ordinalSet(ordinals)) {
    if (run.length > 0 && ordinal !== (run.at(-1) ?? 0) + 1) flush();
    run.push(ordinal);
  }
  flush();
  return parts.join(',');
}
