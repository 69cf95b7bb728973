/** The story of an upgrade as one page that needs nothing else: no script, no network, readable on paper and in the dark. */

import { evidenceText } from '../../core/story/step-details.ts';
import type { HistoryDetails, HistoryEntry, HistoryNow } from '../../core/story/story.ts';
import type { Timeline } from '../../core/story/timeline.ts';
import { formatOrdinals } from '../../core/target/ordinals.ts';
import { parseTime } from '../../core/values/time.ts';
import { renderHead } from './history-head.ts';
import { HISTORY_STYLE } from './history-style.ts';
import { renderTimeline } from './history-timeline.ts';
import { escapeHtml, timeText } from './html.ts';

export interface HistoryPage {
  target: { namespace: string; name: string };
  details: HistoryDetails;
  timeline: Timeline | undefined;
  /** When the page was made. */
  madeAtMs: number;
}

export function renderHistoryPage(page: HistoryPage): string {
  const { target, details, timeline } = page;
  const title = `Upgrade of statefulset/${target.name} in ${target.namespace}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${HISTORY_STYLE}</style>
</head>
<body>
<h1>${escapeHtml(title)}</h1>
<p class="soft">Kept by kubectl zeroloss; this page was made ${timeText(page.madeAtMs)}. All times are UTC.</p>
${renderHead(target.namespace, details, timeline)}
${timeline === undefined || timeline.pods.length === 0 ? '' : picture(timeline)}
${steps(details.entries)}
${now(details.now)}
${details.notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`).join('\n')}
</body>
</html>
`;
}

const LEGEND: readonly [string, string][] = [
  [
    '<rect class="weight" width="26" height="12"/><path class="weight-edge" d="M0 1H26"/>',
    'weight at the load balancer (its number at the start)',
  ],
  [
    '<path class="count" d="M0 10L9 4L18 8L26 2"/>',
    'connections while they were counted, scaled to each pod’s own maximum',
  ],
  [
    '<rect class="was" y="4" width="13" height="5"/><rect class="now" x="13" y="4" width="13" height="5"/>',
    'upper strip: another revision, then the one that pods were replaced with last',
  ],
  [
    '<rect class="ready" y="4" width="9" height="5"/><rect class="wait" x="9" y="4" width="9" height="5"/><rect class="gone" x="18" y="4" width="8" height="5"/>',
    'lower strip: ready, not ready, gone',
  ],
];

const picture = (timeline: Timeline): string => `<h2>Pod by pod</h2>
<ul class="legend">${LEGEND.map(([drawing, words]) => `<li><svg viewBox="0 0 26 12" aria-hidden="true">${drawing}</svg>${words}</li>`).join('')}</ul>
<figure class="scroll">${renderTimeline(timeline)}</figure>`;

function steps(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return '<h2>Steps</h2><p>No step is known.</p>';
  const rows = entries.map(
    (entry) =>
      `<tr><td class="tight mono">${timeOf(entry)}</td><td class="tight">${escapeHtml(entry.step)}</td><td>${escapeHtml(entry.message)}${evidenceList(entry)}</td><td class="tight">${escapeHtml(entry.operator || '-')}</td></tr>`,
  );
  return `<h2>Steps</h2>
<div class="scroll"><table><thead><tr><th>Time (UTC)</th><th>Step</th><th>What</th><th>By</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

const timeOf = ({ at }: HistoryEntry): string =>
  Number.isFinite(parseTime(at)) ? timeText(parseTime(at)) : escapeHtml(at);

function evidenceList({ details: { evidence = [], forced = [] } }: HistoryEntry): string {
  const groups = [...Map.groupBy(evidence, ({ listener }) => listener)].map(
    ([listener, rows]) => `zero on ${listener}: ${evidenceText(rows)}`,
  );
  // With a single listener the sentence itself names it.
  const lines = [...(groups.length > 1 ? groups : []), ...forced.map((line) => `overridden: ${line}`)];
  return lines.length === 0 ? '' : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

function now(state: HistoryNow | null): string {
  if (state === null) return '';
  const canaries = Object.entries(state.canaries).map(([ordinal, weight]) => `${ordinal} at ${weight}`);
  const rows: [string, string][] = [
    ['Updated pods', `${state.updatedPods} of ${state.pods} (revision ${state.updateRevision})`],
    ['Drained', formatOrdinals(state.drainSet) || 'nothing'],
    ...(canaries.length === 0 ? [] : ([['Canaries', canaries.join(', ')]] as [string, string][])),
    [
      'Replicas',
      state.formerReplicas === null
        ? String(state.replicas)
        : `${state.replicas}, ${state.formerReplicas} before the surge`,
    ],
    ...state.services.map(({ name, weights }): [string, string] => [
      `service/${name}`,
      weights ?? 'no weight annotation',
    ]),
  ];
  return `<h2>When this page was made</h2><dl>${rows.map(([term, text]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;
}
