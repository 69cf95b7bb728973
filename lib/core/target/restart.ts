/** Restart: a new revision of the template as it is, by the annotation that `kubectl rollout restart` writes. */

import { parseTime } from '../values/time.ts';
import type { StatefulSetFacts } from './stateful-set-facts.ts';

/** On the template, as kubectl writes it: RFC 3339 to the second (kubectl, rollout restart). */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

/** On the StatefulSet: the restart that is on, so that the same command again goes on with it. Removed when every pod is updated. */
export const RESTART_BEGUN = 'kubectl-zeroloss/restarted-at';

type Restarted = Pick<StatefulSetFacts, 'annotations' | 'templateAnnotations'>;

/** The time of the restart that is on, as the template has it; undefined: none is, or the template has been changed back since. */
export function restartOn({ annotations, templateAnnotations }: Restarted): string | undefined {
  const begun = annotations[RESTART_BEGUN];
  return begun !== undefined && begun === templateAnnotations[RESTARTED_AT] ? begun : undefined;
}

/** The time of a restart that comes without one: `nowMs`, or a second after the last one, which another clock may have written. */
export const freshRestartMs = (
  { templateAnnotations }: Pick<Restarted, 'templateAnnotations'>,
  nowMs: number,
): number => {
  const last = parseTime(templateAnnotations[RESTARTED_AT] ?? '');
  return last >= nowMs ? last + 1000 : nowMs;
};

/** The time that one run asks for: that of the restart that is on, which it continues; else `asked`. Fixed at the first look. */
export const restartTime = (set: Restarted, asked: string): string => restartOn(set) ?? asked;

/**
 * The time to write into the template; undefined: none was asked for, the template has it or a later one, or the restart that
 * is on goes on. Judged by the template too: the note goes with the last step, and the wish is fulfilled for all that.
 */
export const restartDue = (set: Restarted, asked: string | undefined): string | undefined =>
  restartOn(set) !== undefined || isRestartedSince(set, asked) ? undefined : asked;

/** Whether the template was restarted at this time or later. A time that cannot be read is compared as text. */
export const isRestartedSince = (
  { templateAnnotations }: Pick<Restarted, 'templateAnnotations'>,
  asked: string | undefined,
): boolean => {
  const last = templateAnnotations[RESTARTED_AT];
  return last === asked || (last !== undefined && asked !== undefined && parseTime(last) >= parseTime(asked));
};

/** The template in a patch of the StatefulSet. */
interface TemplatePatch {
  metadata?: { annotations: Record<string, string> };
  spec?: Record<'containers' | 'initContainers', { name: string; image: string }[] | undefined>;
}

/** For a strategic merge patch: these images and this time, one revision together. */
export function templatePatch(
  { initContainers }: Pick<StatefulSetFacts, 'initContainers'>,
  images: Readonly<Record<string, string>>,
  restartedAt: string | undefined,
): TemplatePatch {
  const all = Object.entries(images).map(([name, image]) => ({ name, image }));
  const inits = all.filter(({ name }) => initContainers.includes(name));
  const others = all.filter(({ name }) => !initContainers.includes(name));
  const some = <T>(list: T[]): T[] | undefined => (list.length === 0 ? undefined : list);
  return {
    ...(restartedAt === undefined ? {} : { metadata: { annotations: { [RESTARTED_AT]: restartedAt } } }),
    ...(all.length === 0 ? {} : { spec: { containers: some(others), initContainers: some(inits) } }),
  };
}
