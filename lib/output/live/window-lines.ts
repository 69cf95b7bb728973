/** The window of an upgrade through a pipe: one line when a pod changes its place, so that the log of a night can be read. */

import { ordinalsText } from '../../core/target/ordinals.ts';
import type { Place, SeenPod } from '../../core/window/place.ts';
import { roadText, type WindowView, windowTitle } from '../../core/window/window-view.ts';

/** The state of a pod, without the numbers that run. */
const COME_TO: Readonly<Partial<Record<Place, string>>> = {
  draining: 'drained',
  'at-zero': 'at zero',
  starting: 'deleted',
  returning: 'healthy, weight given back',
  soaking: 'healthy, soaking',
  done: 'done',
};

/** A function that answers what is new since it was last called. */
export function createWindowLines(): (view: WindowView) => string[] {
  let before = new Map<number, SeenPod>();
  let paused: string | undefined;
  return (view) => {
    const now = new Map(view.pods.map((pod) => [pod.ordinal, pod]));
    const moved = view.pods.filter((pod) => before.get(pod.ordinal)?.place !== pod.place);
    const left = [...before.values()].filter(({ ordinal }) => !now.has(ordinal));
    const texts = [
      ...left.map((pod) => ({ pod, text: endText(pod, placeBeside(view, pod)) })),
      ...moved.map((pod) => ({ pod, text: COME_TO[pod.place] ?? roadText(pod) })),
    ];
    const groups = Map.groupBy(texts, ({ text }) => text);
    const lines = [...groups].map(
      ([text, each]) =>
        `${podsText(
          view.name,
          each.map(({ pod }) => pod),
        )}: ${text}`,
    );
    const isPaused = view.paused !== undefined && view.paused !== paused;
    before = now;
    paused = view.paused;
    // The numbers stand behind the last line: those of all of them.
    const last = lines.pop();
    return [
      ...lines,
      ...(last === undefined ? [] : [`${last}   ${windowTitle(view)}`]),
      ...(isPaused ? [view.paused ?? ''] : []),
    ];
  };
}

const placeBeside = ({ beside }: WindowView, { ordinal }: SeenPod): Place | undefined =>
  beside.find((pod) => pod.ordinal === ordinal)?.place;

/** Of a pod that has left the window, by where it stands now: through, outdated and serving, or scaled away. */
function endText({ place }: SeenPod, now: Place | undefined): string {
  if (now === undefined) return 'scaled away';
  if (now === 'done') return 'done';
  return place === 'draining' || place === 'at-zero'
    ? 'weight given back, its turn comes last'
    : 'outdated, and serving again';
}

const podsText = (name: string, pods: readonly SeenPod[]): string =>
  pods.length === 1
    ? pods.map(({ ordinal }) => `${name}-${ordinal}`).join()
    : ordinalsText(pods.map(({ ordinal }) => ordinal));
