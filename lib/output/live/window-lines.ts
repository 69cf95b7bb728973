/** The window of an upgrade through a pipe: one line when a pod changes its place, so that the log of a night can be read. */

import { ordinalsText } from '../../core/target/ordinals.ts';
import type { Place, SeenPod } from '../../core/window/place.ts';
import { roadText, type WindowView, windowTitle } from '../../core/window/window-view.ts';

/** The state of a pod, without the numbers that run. */
const COME_TO: Readonly<Partial<Record<Place, string>>> = {
  serving: 'weight given back, its turn comes last',
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
    const through = [...before.values()].filter(({ ordinal }) => !now.has(ordinal)).map(endOf);
    const groups = Map.groupBy([...through, ...moved], (pod) => COME_TO[pod.place] ?? roadText(pod));
    const lines = [...groups].map(([text, pods]) => `${podsText(view.name, pods)}: ${text}`);
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

/** A pod that has left the window: through, or given its weight back undone. */
const endOf = (pod: SeenPod): SeenPod => ({
  ...pod,
  place: pod.place === 'draining' || pod.place === 'at-zero' ? 'serving' : 'done',
});

const podsText = (name: string, pods: readonly SeenPod[]): string =>
  pods.length === 1
    ? pods.map(({ ordinal }) => `${name}-${ordinal}`).join()
    : ordinalsText(pods.map(({ ordinal }) => ordinal));
