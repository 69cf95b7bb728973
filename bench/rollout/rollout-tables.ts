/** The figures of rollouts as tables and a picture, for every number of pods and soak. */

import { median } from '../measure.ts';
import type { RolloutPair } from '../parts/rollout.ts';
import { renderRows } from '../table.ts';
import { SIZE } from './one-rollout.ts';

const WIDTH = 60;

export function rolloutTables(pairs: readonly RolloutPair[]): string[] {
  return [
    ...Map.groupBy(pairs, ({ pods, soakMs }) => `${pods} pods, ${SIZE} out, soak ${soakMs / 60_000} min`),
  ].flatMap(([title, group]) => {
    const kinds = [...Map.groupBy(group, ({ distribution }) => distribution)];
    return [
      renderRows([TIME(title), ...kinds.map(([name, some]) => timeRow(name, some))]),
      renderRows([REQUESTS(title), ...kinds.map(([name, some]) => requestRow(name, some))]),
      picture(title, kinds),
    ];
  });
}

const TIME = (title: string): string[] => [
  title,
  'seeds',
  'window min',
  'bound',
  'closing tail',
  'without it',
  'at most',
  'batches min',
  'bound',
  'ratio',
  'batches : window',
  'at least',
];

/** Medians over the seeds; of ratios the worst one too. */
function timeRow(name: string, pairs: readonly RolloutPair[]): string[] {
  const of = (value: (pair: RolloutPair) => number): number[] => pairs.map(value);
  const minutes = (value: (pair: RolloutPair) => number): string => (median(of(value)) / 60_000).toFixed(1);
  const times = of(({ window, batches }) => batches.tookMs / window.tookMs);
  return [
    name,
    String(pairs.length),
    minutes(({ window }) => window.tookMs),
    minutes(({ bounds }) => bounds.windowMs),
    minutes(tailMs),
    median(of(withoutTail)).toFixed(3),
    Math.max(...of(withoutTail)).toFixed(3),
    minutes(({ batches }) => batches.tookMs),
    minutes(({ bounds }) => bounds.batchesMs),
    median(of(({ batches, bounds }) => batches.tookMs / bounds.batchesMs)).toFixed(3),
    median(times).toFixed(2),
    Math.min(...times).toFixed(2),
  ];
}

/** The time that an operator without any delay loses too, once no pod is left that could take a place that becomes free. */
const tailMs = ({ bounds }: RolloutPair): number => bounds.idealMs - bounds.windowMs;

/** The window against its bound, but for the closing tail. */
export const withoutTail = (pair: RolloutPair): number => (pair.window.tookMs - tailMs(pair)) / pair.bounds.windowMs;

const REQUESTS = (title: string): string[] => [
  title,
  'cluster, window',
  'batches',
  'ratio',
  'cloud, window',
  'batches',
  'ratio',
  'most out',
  'without proof',
];

function requestRow(name: string, pairs: readonly RolloutPair[]): string[] {
  const counts = (what: 'cluster' | 'cloud'): string[] => {
    const [window, batches] = [
      median(pairs.map((each) => each.window[what])),
      median(pairs.map((each) => each.batches[what])),
    ];
    return [window.toFixed(0), batches.toFixed(0), (window / batches).toFixed(2)];
  };
  const all = pairs.flatMap(({ window, batches }) => [window, batches]);
  const most = Math.max(...all.map(({ mostOut }) => mostOut));
  const unproved = all.reduce((sum, each) => sum + each.unproved, 0);
  return [name, ...counts('cluster'), ...counts('cloud'), String(most), String(unproved)];
}

/** Bars of minutes: `░` is the closing tail of the window. */
function picture(title: string, kinds: readonly (readonly [string, readonly RolloutPair[]])[]): string {
  const bars = kinds.flatMap(([name, pairs]) => {
    const of = (value: (pair: RolloutPair) => number): number => median(pairs.map(value)) / 60_000;
    return [
      { name, way: 'window', minutes: of(({ window }) => window.tookMs), tail: of(tailMs) },
      { name: '', way: 'batches', minutes: of(({ batches }) => batches.tookMs), tail: 0 },
    ];
  });
  const scale = WIDTH / Math.max(...bars.map(({ minutes }) => minutes));
  const rows = bars.map(({ name, way, minutes, tail }) => {
    const [all, light] = [Math.round(minutes * scale), Math.round(tail * scale)];
    return `${name.padEnd(11)}  ${way.padEnd(7)}  ${'█'.repeat(Math.max(0, all - light))}${'░'.repeat(light)} ${minutes.toFixed(0)}`;
  });
  return `${[`${title}: minutes, ░ closing tail`, ...rows].join('\n')}\n`;
}
