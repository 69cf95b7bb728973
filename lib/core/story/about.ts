/** The subject of a story, for the head of its page: cluster, images, Services, load balancers, as far as it is known. */
import type { RecordingLine } from './recording.ts';
import type { ImageChange } from './step-details.ts';
import type { HistoryEntry, StoryAbout } from './story.ts';

/** The present state of the cluster; without it, only the recording is known. */
export interface KnownNow {
  images: Readonly<Record<string, string>>;
  services: readonly string[];
  balancers: readonly string[];
}

/** The context, or the server without its scheme where no context decides. */
export const clusterName = ({ context, server }: { context: string; server: string }): string =>
  context === '' ? server.replace(/^https?:\/\/(?:.*@)?/, '') : context;

/** `cluster`: where the story is read from; a recording names its own, which wins. */
export function aboutStory(
  entries: readonly HistoryEntry[],
  lines: readonly RecordingLine[] | undefined,
  now: KnownNow | undefined,
  cluster: string | undefined,
): StoryAbout {
  const begin = lines?.findLast((line) => line.kind === 'begin' && typeof line.cluster === 'string');
  const written = (lines ?? []).flatMap((line) => {
    const name = line.kind === 'write' ? /^service\/([^/]+)$/.exec(line.object)?.[1] : undefined;
    return name === undefined ? [] : [name];
  });
  const weighed = (lines ?? []).flatMap((line) => (line.kind === 'weight' ? [line.balancer] : []));
  return {
    cluster: (begin?.kind === 'begin' ? begin.cluster : undefined) ?? (lines === undefined ? cluster : null) ?? null,
    images: imagesOf(entries, now?.images ?? {}),
    services: [...new Set([...written, ...(now?.services ?? [])])].sort(),
    balancers: [...new Set([...weighed, ...(now?.balancers ?? [])])].sort(),
  };
}

/** From the first image that was replaced to the last one set; a container that no step has changed runs what it runs now. */
function imagesOf(entries: readonly HistoryEntry[], now: Readonly<Record<string, string>>): ImageChange[] {
  const changed = new Map<string, ImageChange>();
  for (const { container, from, to } of entries.flatMap(({ details }) => details.images ?? []))
    changed.set(container, { container, from: changed.get(container)?.from ?? from, to });
  const others = Object.entries(now).filter(([container]) => !changed.has(container));
  return [...changed.values(), ...others.map(([container, to]) => ({ container, from: null, to }))];
}
