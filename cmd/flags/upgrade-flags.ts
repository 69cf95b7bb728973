/** Flags that plan and upgrade share, with the same words. */

import type { Flags } from '../../lib/cli/arguments.ts';
import { durationFlag, type Flag, repeatableFlag, scalarFlag, switchFlag, wholeFlag } from '../../lib/cli/flag.ts';
import { UsageError } from '../../lib/core/errors.ts';
import { type Pin, parsePin } from '../../lib/core/job/pin.ts';
import { type PauseAt, parsePauseAt } from '../../lib/core/plan/pause-at.ts';
import { parseTime } from '../../lib/core/values/time.ts';
import { type MaxUnavailable, parseMaxUnavailable } from '../../lib/core/window/size.ts';

/** Images by container. */
export function imagesFlag(help: string): Flag<Readonly<Record<string, string>>> {
  const flag = repeatableFlag({ help });
  return { ...flag, read: (texts, name) => parseImages(flag.read(texts, name)) };
}

/** Throws UsageError for what is not CONTAINER=IMAGE, and for a container given twice. */
function parseImages(texts: readonly string[]): Record<string, string> {
  const images: Record<string, string> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const [container, image] = [text.slice(0, at), text.slice(at + 1)];
    if (at < 1 || image === '' || /\s/.test(text))
      throw new UsageError(`--image "${text}" is not CONTAINER=IMAGE`, 'for example --image nginx=nginx:1.25.4');
    if (images[container] !== undefined) throw new UsageError(`--image names container "${container}" twice`);
    images[container] = image;
  }
  return images;
}

export const upgradeFlags = {
  image: imagesFlag(
    'CONTAINER=IMAGE: the new image of a container, an init container or a sidecar; repeatable. Without it, upgrades the pods that are outdated already.',
  ),
  restart: switchFlag({
    help: 'Replace every pod with the template as it is, by the annotation that kubectl rollout restart writes. With --image both are one revision. The same command continues a restart that is not complete.',
  }),
  batch: wholeFlag({ shown: '1', help: 'How many pods to upgrade together.', least: 1, absent: 1 }),
  maxUnavailable: scalarFlag<MaxUnavailable | undefined>({
    shown: "''",
    help: 'A sliding window in place of batches: at most this many pods, or this share of the replicas (10%), are out of service at once. The next pod is drained as soon as one is back. Not together with --batch.',
    absent: undefined,
    parse: parseMaxUnavailable,
  }),
  surge: wholeFlag({ shown: '0', help: 'How many replicas to add for the time of the upgrade.', least: 0, absent: 0 }),
  soak: durationFlag({
    absent: '0s',
    help: 'How long to observe each batch, with a weight above 0 on every listener, before the next one. Does not check that requests arrive.',
  }),
} satisfies Flags;

/** Of upgrade, and of a Job that plan writes. */
export const pauseAtFlag: Flag<PauseAt | undefined> = scalarFlag<PauseAt | undefined>({
  shown: "''",
  help: 'End with exit code 0 once this many pods, or this share of the replicas (50%), are updated and no pod is drained. A surge stays. The same command without it continues.',
  absent: undefined,
  parse: parsePauseAt,
});

export const busyAfterFlag = durationFlag({
  absent: '0s',
  help: 'With --max-unavailable: a pod that still has connections after this long gets its weight back, and its turn comes last. The upgrade then waits for it within --timeout, or as long again where that is 0; exit code 6 names the pods that are left. Must be longer than --stable-for. A pod whose count is unknown keeps its turn. By default it waits for each pod in its turn.',
});

export const evictFlag = switchFlag({
  help: 'Use the Eviction API, which respects PodDisruptionBudgets, instead of a plain delete.',
});

/** The time of a restart, as kubectl writes it. Refuses what is no time with a zone (RFC 3339). */
export const restartedAtFlag = (help: string): Flag<string | undefined> =>
  scalarFlag<string | undefined>({
    shown: "''",
    help,
    absent: undefined,
    parse(text, name) {
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(parseTime(text)))
        return text;
      throw new UsageError(`--${name} "${text}" is not a time`, `for example --${name} 2026-05-04T12:00:00Z`);
    },
  });

/** Throws UsageError for the time of a restart that is not asked for. */
export function refuseTimeOfNoRestart(flags: { restart: boolean; restartedAt: string | undefined }): void {
  if (flags.restartedAt === undefined || flags.restart) return;
  throw new UsageError('--restarted-at is the time of a restart, and none is asked for', 'give --restart with it');
}

/** Written by plan -o job and -o argo; a person may use it as well. */
export const pinFlag = (help: string): Flag<Pin | undefined> =>
  scalarFlag<Pin | undefined>({ shown: "''", help, absent: undefined, parse: parsePin });

/** Throws UsageError for a pause while a node is emptied: its pods are few among all, and the pause counts all. */
export function refusePauseOnNode(flags: { pauseAt: PauseAt | undefined; node: readonly string[] | undefined }): void {
  if (flags.pauseAt === undefined || flags.node === undefined) return;
  throw new UsageError(
    '--pause-at counts the updated pods of the whole StatefulSet, and --node replaces those of a node',
    'give one of them; --batch 1 without --yes asks before each pod of the node',
  );
}

/** Throws UsageError for a window and batches together. */
export function refuseWindowOfBatches(flags: { maxUnavailable: MaxUnavailable | undefined; batch: number }): void {
  if (flags.maxUnavailable === undefined || flags.batch === 1) return;
  throw new UsageError(
    '--batch and --max-unavailable are two ways to go through the pods',
    'give one of them: --batch 4 takes four pods together, --max-unavailable 4 keeps four on their way',
  );
}
