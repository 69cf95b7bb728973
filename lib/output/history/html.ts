/** Small parts of HTML pages. */
import { formatTime } from '../../core/values/time.ts';

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** `2026-01-31 09:30:00`, UTC. */
export const timeText = (atMs: number): string => formatTime(atMs).replace('T', ' ').slice(0, 19);
