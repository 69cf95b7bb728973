/** Texts of moments. The moment itself always comes from the Clock port; nothing here reads a clock. */

/** RFC 3339 to milliseconds; NaN when it is no time. */
export const parseTime = (text: string): number => globalThis.Date.parse(text);

/** Milliseconds to RFC 3339 in UTC, to the second, as Kubernetes writes it. */
export const formatSeconds = (atMs: number): string => formatTime(atMs).replace(/\.\d+Z$/, 'Z');

/** Milliseconds to RFC 3339 in UTC with milliseconds. */
export const formatTime = (atMs: number): string => new globalThis.Date(atMs).toISOString();
