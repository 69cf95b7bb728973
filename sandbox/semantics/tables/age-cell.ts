import type { KubeObject } from '../../../lib/ports.ts';
import { UNKNOWN } from './columns.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A duration as kubectl shows ages: one unit, or two where the first alone is too coarse (Kubernetes: duration.HumanDuration).
 * A sandbox is not up for two years, from which kubectl counts in years. Below minus one second it is `<invalid>`: clocks may differ a little, not more.
 */
export function renderAge(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) {
    return '<invalid>';
  }
  if (seconds < 0) {
    return '0s';
  }
  if (seconds < 2 * MINUTE) {
    return `${seconds}s`;
  }
  if (seconds < 10 * MINUTE) {
    return two(seconds, MINUTE, 'm', 1, 's');
  }
  if (seconds < 3 * HOUR) {
    return `${Math.floor(seconds / MINUTE)}m`;
  }
  if (seconds < 8 * HOUR) {
    return two(seconds, HOUR, 'h', MINUTE, 'm');
  }
  if (seconds < 2 * DAY) {
    return `${Math.floor(seconds / HOUR)}h`;
  }
  return seconds < 8 * DAY ? two(seconds, DAY, 'd', HOUR, 'h') : `${Math.floor(seconds / DAY)}d`;
}

function two(seconds: number, unit: number, name: string, smaller: number, smallerName: string): string {
  const rest = Math.floor((seconds % unit) / smaller);
  return `${Math.floor(seconds / unit)}${name}${rest === 0 ? '' : `${rest}${smallerName}`}`;
}

/** The time since a timestamp of the API; `<unknown>` without one. */
export function renderSince(timestamp: unknown, nowMs: number): string {
  const ms = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(ms) ? UNKNOWN : renderAge(nowMs - ms);
}

export const ageOf = (object: KubeObject, nowMs: number) => renderSince(object.metadata.creationTimestamp, nowMs);
