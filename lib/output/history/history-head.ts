/** The head of the history page: who upgraded what, where, from which image to which, and how long it took. */

import type { HistoryDetails, HistoryEntry, StoryAbout } from '../../core/story/story.ts';
import type { Timeline } from '../../core/story/timeline.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { formatDuration } from '../../core/values/duration.ts';
import { escapeHtml, timeText } from './html.ts';

const UNKNOWN = 'unknown';

export function renderHead(
  namespace: string,
  { entries, about, causes = [] }: Pick<HistoryDetails, 'entries' | 'about' | 'causes'>,
  timeline: Timeline | undefined,
): string {
  const operators = [...new Set(entries.map(({ operator }) => operator).filter((who) => who !== ''))];
  const replaced = [...replacedOf(entries)];
  const rows: [string, string][] = [
    ['By', operators.join(', ') || UNKNOWN],
    ...(about === undefined ? [] : aboutRows(namespace, about)),
    ...causes.map(({ revision, name, cause }): [string, string] => [
      `Cause of revision ${revision}`,
      `${cause} (${name})`,
    ]),
    ['When', whenText(timeline)],
    ['Pods replaced', replaced.length === 0 ? 'none' : `${replaced.length} (${ordinalsText(replaced)})`],
    ['Deleted without zero', forcedText(entries)],
  ];
  return `<dl>${rows.map(([term, text]) => `<dt>${term}</dt><dd>${escapeHtml(text)}</dd>`).join('')}</dl>`;
}

const aboutRows = (namespace: string, about: StoryAbout): [string, string][] => [
  ['Cluster', `${about.cluster ?? UNKNOWN}, namespace ${namespace}`],
  ['Service', about.services.join(', ') || UNKNOWN],
  ['Load balancer', about.balancers.join(', ') || UNKNOWN],
  [
    'Image',
    about.images
      .map(({ container, from, to }) => `${container}: ${from === null ? to : `${from} → ${to}`}`)
      .join(', ') || UNKNOWN,
  ],
];

function whenText(timeline: Timeline | undefined): string {
  if (timeline === undefined) return 'nothing is known';
  const { fromMs, lastMs } = timeline;
  const took = formatDuration(Math.round((lastMs - fromMs) / 1000) * 1000);
  return `${timeText(fromMs)} to ${timeText(lastMs)} (${took})`;
}

function forcedText(entries: readonly HistoryEntry[]): string {
  const deletions = entries.filter(({ step }) => step === 'Recreating');
  const forced = deletions.filter(({ details }) => (details.forced?.length ?? 0) > 0);
  if (forced.length > 0) return forced.map(({ message }) => message).join('; ');
  return deletions.length === 0
    ? 'none'
    : 'none: every pod was at weight 0 and without a connection when it was deleted';
}

/** Those that came back, and those that were deleted and given their traffic later: a command may be killed in between. */
function replacedOf(entries: readonly HistoryEntry[]): Set<number> {
  const deleted = new Set<number>();
  const replaced = new Set<number>();
  for (const { step, details } of entries) {
    if (step === 'Recreated') for (const ordinal of details.pods ?? []) replaced.add(ordinal);
    if (step === 'Recreating') for (const ordinal of details.pods ?? []) deleted.add(ordinal);
    for (const { ordinals, weight } of details.weights ?? [])
      for (const ordinal of ordinals) if (weight !== 0 && deleted.has(ordinal)) replaced.add(ordinal);
  }
  return replaced;
}
