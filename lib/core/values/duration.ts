/**
 * Durations as kubectl's flags take them: Go's `1h2m3s`, `500ms`, and a bare `0`.
 * A bare number other than 0 is refused, because its unit is ambiguous; the words are Go's own.
 */
import { UsageError } from '../errors.ts';

const MS_PER_UNIT = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

const ACCEPTED = 'a duration is a number and a unit (ms, s, m, h), for example 30s, 5m or 1h30m; 0 needs no unit';

/** The longest accepted duration: what a timer can wait for (2^31-1 ms, about 24 days). */
export const MAX_DURATION_MS = 2 ** 31 - 1;

/**
 * Reads a Go duration and returns whole milliseconds; `flag` is the flag's name without dashes, for the message.
 * Throws UsageError for anything else: no unit, an unknown unit, a sign, an empty text, more than 24 days.
 */
export function parseDuration(text: string, flag: string): number {
  const refuse = (why: string, hint = ACCEPTED): never => {
    throw new UsageError(`invalid argument "${text}" for "--${flag}" flag: ${why}`, hint);
  };
  if (text === '0' || text === '+0') return 0;
  if (/^-\d/.test(text)) return refuse('must not be negative');

  const quoted = JSON.stringify(text);
  let rest = text.startsWith('+') ? text.slice(1) : text;
  if (rest === '') return refuse(`time: invalid duration ${quoted}`);

  let totalMs = 0;
  while (rest !== '') {
    const [, digits, unit] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? [];
    if (digits === undefined || unit === undefined) return refuse(`time: invalid duration ${quoted}`);
    if (unit === '') {
      const number = /^\d+$/.test(text) ? `did you mean ${text}s or ${text}m? ` : '';
      return refuse(`time: missing unit in duration ${quoted}`, `${number}${ACCEPTED}`);
    }
    const msPerUnit = MS_PER_UNIT.get(unit);
    if (msPerUnit === undefined) return refuse(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    totalMs += Number(digits) * msPerUnit;
    rest = rest.slice(digits.length + unit.length);
  }
  // A positive duration never rounds down to 0, for 0 often means "no limit".
  const wholeMs = totalMs === 0 ? 0 : Math.max(1, Math.round(totalMs));
  return wholeMs > MAX_DURATION_MS ? refuse('must be at most 24 days') : wholeMs;
}

/** Writes milliseconds as the shortest such text: `1h2m3s`, `1.5s`, `500ms`, `0s`; parseDuration reads it back. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}

/** `12s ago`, in whole seconds; what clocks that differ make less than nothing is `0s ago`. */
export const agoText = (ms: number): string => `${formatDuration(Math.max(0, Math.floor(ms / 1000)) * 1000)} ago`;
