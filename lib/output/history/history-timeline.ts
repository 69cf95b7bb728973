/** The picture of a timeline as inline SVG: one row per pod, weight as an area, connections as a line, two strips below. */
import type { PodTimeline, Span, Timeline } from '../../core/story/timeline.ts';
import { escapeHtml, timeText } from './html.ts';

const WIDTH = 1070;
const LEFT = 128;
const RIGHT = 64;
const TRACK = 34;
const STRIP = 5;
const ROW = TRACK + 2 * STRIP + 16;
const TOP = 26;
/** About how wide one character of a label is. */
const CHARACTER = 7;

/** Places moments on the picture. */
type Scale = (atMs: number) => number;

export function renderTimeline(timeline: Timeline): string {
  const { fromMs, toMs, pods } = timeline;
  const scale: Scale = (atMs) =>
    LEFT + ((Math.min(Math.max(atMs, fromMs), toMs) - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + pods.length * ROW + 6;
  const weights = pods.flatMap((pod) => pod.weight.map(({ value }) => value)).filter(Number.isFinite);
  const top = Math.max(1, ...weights);
  const rows = pods.map((pod, index) => podRow(pod, TOP + index * ROW, scale, top, timeline.revision));
  return `<svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Weight, connections, revision and readiness of each pod over time">
${axis(fromMs, toMs, height, scale)}
${rows.join('\n')}
</svg>`;
}

function axis(fromMs: number, toMs: number, height: number, scale: Scale): string {
  const steps = 6;
  return Array.from({ length: steps + 1 }, (_, index) => {
    const atMs = fromMs + ((toMs - fromMs) * index) / steps;
    const x = scale(atMs).toFixed(1);
    const anchor = index === 0 ? 'start' : index === steps ? 'end' : 'middle';
    return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 4}"/><text class="axis" x="${x}" y="14" text-anchor="${anchor}">${timeText(atMs).slice(11, 19)}</text>`;
  }).join('');
}

function podRow(pod: PodTimeline, y: number, scale: Scale, top: number, revision: string): string {
  const base = y + TRACK;
  const most = Math.max(0, ...pod.connections.map(({ value }) => value ?? 0));
  const peak = pod.connections.some(({ value }) => value !== null)
    ? `<text class="count-text" x="${WIDTH - RIGHT + 6}" y="${y + 20}">max ${most}</text>`
    : '';
  return `<g><text x="0" y="${y + 22}">${escapeHtml(shorten(pod.pod, LEFT - 10))}</text>
${pod.weight.map((span) => weightArea(span, y, base, scale, top)).join('')}
${countLine(pod.connections, y, base, scale, most)}${peak}
${pod.revision.map((span) => strip(span, base + 3, scale, span.value === revision ? 'now' : 'was', `revision ${span.value}`)).join('')}
${hereOnly(pod.readiness)
  .map((span) =>
    strip(span, base + 4 + STRIP, scale, { ready: 'ready', 'not ready': 'wait', gone: 'gone' }[span.value], span.value),
  )
  .join('')}
<line class="row" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${base}" y2="${base}"/></g>`;
}

/** Once a pod is gone for good its row ends. */
const hereOnly = (readiness: PodTimeline['readiness']): PodTimeline['readiness'] =>
  readiness.at(-1)?.value === 'gone' ? readiness.slice(0, -1) : readiness;

/** An unknown weight (only Events are known) fills the row. */
function weightArea(span: Span<number>, y: number, base: number, scale: Scale, top: number): string {
  const [x, end] = [scale(span.fromMs), scale(span.toMs)];
  const known = Number.isFinite(span.value);
  const height = (known ? span.value / top : 1) * (base - y - 4);
  const label = known ? String(span.value) : 'former';
  const edge = base - height;
  const words =
    end - x > label.length * CHARACTER + 6
      ? `<text x="${(x + 4).toFixed(1)}" y="${(height < 16 ? edge - 3 : edge + 12).toFixed(1)}">${label}</text>`
      : '';
  return `<g><title>weight ${label}: ${period(span)}</title><rect class="weight" x="${x.toFixed(1)}" y="${edge.toFixed(1)}" width="${(end - x).toFixed(1)}" height="${height.toFixed(1)}"/><path class="weight-edge" d="M${x.toFixed(1)} ${edge.toFixed(1)}H${end.toFixed(1)}"/>${words}</g>`;
}

/** A gap of unknown counts breaks the line; a single point is a dot. */
function countLine(points: PodTimeline['connections'], y: number, base: number, scale: Scale, most: number): string {
  const runs: { atMs: number; value: number }[][] = [[]];
  for (const { atMs, value } of points) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ atMs, value });
  }
  const place = (point: { atMs: number; value: number }) =>
    `${scale(point.atMs).toFixed(1)} ${(base - 1 - (most === 0 ? 0 : point.value / most) * (base - y - 6)).toFixed(1)}`;
  const drawn = runs.map((run) => {
    const [only] = run;
    if (only === undefined) return '';
    const [cx, cy] = place(only).split(' ');
    return run.length === 1
      ? `<circle class="dot" cx="${cx}" cy="${cy}" r="2"/>`
      : `<path class="count" d="M${run.map(place).join('L')}"/>`;
  });
  return drawn.join('') === '' ? '' : `<g><title>connections, at most ${most}</title>${drawn.join('')}</g>`;
}

function strip(span: Span<string>, y: number, scale: Scale, look: string, words: string): string {
  const x = scale(span.fromMs);
  const width = Math.max(1, scale(span.toMs) - x);
  return `<rect class="${look}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${STRIP - 1}"><title>${escapeHtml(words)}: ${period(span)}</title></rect>`;
}

const period = ({ fromMs, toMs }: Span<unknown>): string =>
  `${timeText(fromMs).slice(11, 19)} to ${timeText(toMs).slice(11, 19)}`;

const shorten = (text: string, width: number): string => {
  const fits = Math.floor(width / CHARACTER);
  return text.length <= fits ? text : `…${text.slice(text.length - fits + 1)}`;
};
