/** Where each pod of the window stands on its road: plain data for the live view, and the words for it. */

import { formatDuration } from '../values/duration.ts';
import { FAILING_MS, isOut, type SeenPod } from './place.ts';

export interface WindowView {
  /** The StatefulSet's name. */
  name: string;
  /** Pods of the target without its surplus, and how many of them are through. */
  total: number;
  done: number;
  /** --max-unavailable, as a number of pods. */
  size: number;
  /** Since this run began, in milliseconds. */
  goneMs: number;
  /** No upgrade can end sooner, whatever the connections do. */
  leastLeftMs: number;
  /** Pods that are on their road, by ordinal. */
  pods: readonly SeenPod[];
  /** All others of the target, by ordinal: outdated and serving, or done. */
  beside: readonly SeenPod[];
  /** The pause: operator, time and reason. */
  paused?: string;
  /** The same for a line that is rewritten: how long ago, so that the reason has room. */
  pausedFor?: string;
}

/** `12 of 100 done, 10 in the window, 25m gone, at least 1h52m left`. */
export const windowTitle = ({ done, total, pods, goneMs, leastLeftMs }: WindowView): string =>
  [
    `${done} of ${total} done`,
    `${pods.length} in the window`,
    `${seconds(goneMs)} gone`,
    ...(leastLeftMs > 0 ? [`at least ${coarse(leastLeftMs)} left`] : []),
  ].join(', ');

/** Everything in one line: `12 of 100 done, 3 of 10 out: 4 draining (…) · 5 starting`. */
export function windowLine({ done, total, size, pods, paused }: WindowView): string {
  const head = `${done} of ${total} done, ${pods.length} of ${size} out`;
  const tail = paused ?? pods.map((pod) => `${pod.ordinal} ${placeText(pod)}`).join(' · ');
  return tail === '' ? head : `${head}: ${tail}`;
}

/** `draining (nginx-4 TCP/80 pod: 2 connections)`. */
export const placeText = ({ place, note }: SeenPod): string => (note === undefined ? place : `${place} (${note})`);

/** The state of a pod, for people: `drained 3m, 2 connections`. */
export function roadText(pod: SeenPod): string {
  const { place, forMs = 0, drainedForMs = 0, zeroFor, soak, state } = pod;
  switch (place) {
    case 'draining':
      if (zeroFor !== undefined && zeroFor.filledMs > 0 && !(pod.connections !== undefined && pod.connections > 0))
        return `zero for ${seconds(zeroFor.filledMs)} of ${seconds(zeroFor.neededMs)}`;
      return `drained ${seconds(drainedForMs)}${waitsFor(pod)}`;
    case 'at-zero':
      return `zero for ${seconds(zeroFor?.filledMs ?? 0)}, to be deleted`;
    case 'starting':
      return state === undefined ? `deleted ${seconds(forMs)} ago` : `deleted ${seconds(forMs)} ago, ${state}`;
    case 'ready':
      return 'healthy, weight to be given back';
    case 'returning':
      return `healthy, weight given back ${seconds(forMs)} ago`;
    case 'soaking':
      return soak === undefined
        ? 'healthy, soaking'
        : `healthy, soaking ${seconds(soak.servedMs)} of ${seconds(soak.neededMs)}`;
    case 'sick':
      return `updated, and not well${state === undefined ? '' : `: ${state}`}`;
    case 'failing':
      return `outdated, ${state === undefined ? 'without traffic' : 'not serving'}${failingFor(forMs)}${state === undefined ? '' : `: ${state}`}`;
    case 'serving':
      return 'serving, its turn comes';
    case 'done':
      return pod.keptAtZero === true ? 'done, and kept at weight 0 by hand' : 'done';
  }
}

/** It may serve again until then, and is replaced ahead of its turn afterwards. */
const failingFor = (forMs: number): string =>
  forMs < FAILING_MS ? ` for ${seconds(forMs)} of ${seconds(FAILING_MS)}` : ` for ${seconds(forMs)}`;

function waitsFor({ connections, note }: SeenPod): string {
  if (connections === undefined) return note === undefined ? '' : `, ${note}`;
  return `, ${connections} connection${connections === 1 ? '' : 's'}`;
}

/** The known minimum time of each pod, in milliseconds. */
export interface LeastTimes {
  zeroMs: number;
  startMs: number;
  soakMs: number;
  /** OrderedReady: one pod starts after the other. */
  ordered?: boolean;
}

/** The rest of all roads over the places of the window, the longest rest, or what OrderedReady has still to start, whichever is most. */
export function leastLeftMs(seen: readonly SeenPod[], size: number, least: LeastTimes): number {
  const rests = seen.map((pod) => restMs(pod, least));
  const starts = least.ordered === true ? seen.map((pod) => startRestMs(pod, least)) : [];
  return Math.max(0, sum(rests) / Math.max(1, size), sum(starts), ...rests);
}

const sum = (all: readonly number[]): number => all.reduce((total, each) => total + each, 0);

function startRestMs({ place, forMs = 0 }: SeenPod, { startMs }: LeastTimes): number {
  if (place === 'starting') return Math.max(0, startMs - forMs);
  return place === 'serving' || place === 'failing' || place === 'draining' || place === 'at-zero' ? startMs : 0;
}

/** A pod that is busy has all of its wait before it. A source of slow periods shows late how much of it is over: the time since the drain counts too. */
function zeroRestMs({ zeroFor, connections = 0, drainedForMs = 0 }: SeenPod, zeroMs: number): number {
  const neededMs = zeroFor?.neededMs || zeroMs;
  return connections > 0 ? neededMs : Math.max(0, neededMs - Math.max(zeroFor?.filledMs ?? 0, drainedForMs));
}

function restMs(pod: SeenPod, { zeroMs, startMs, soakMs }: LeastTimes): number {
  const { place, forMs = 0, soak } = pod;
  switch (place) {
    case 'serving':
    case 'failing':
      return (place === 'serving' ? zeroMs : 0) + startMs + soakMs;
    case 'draining':
      return zeroRestMs(pod, zeroMs) + startMs + soakMs;
    case 'at-zero':
      return startMs + soakMs;
    case 'starting':
      return Math.max(0, startMs - forMs) + soakMs;
    case 'ready':
    case 'returning':
    case 'sick':
      return soakMs;
    case 'soaking':
      return Math.max(0, soakMs - (soak?.servedMs ?? 0));
    case 'done':
      return 0;
  }
}

/** Those that are shown: on their road. */
export const onTheirRoad = (seen: readonly SeenPod[]): SeenPod[] => seen.filter((pod) => isOut(pod));

const seconds = (ms: number): string => formatDuration(Math.floor(ms / 1000) * 1000);

/** No one knows it to the second: in whole minutes from two of them on, rounded down, for it is a least time. */
const coarse = (ms: number): string => (ms >= 120_000 ? formatDuration(Math.floor(ms / 60_000) * 60_000) : seconds(ms));
