/** The facts that a person has to know before an upgrade begins, as the text of a question. */

import type { ServiceFacts } from '../facts/service-facts.ts';
import { formatOrdinals, ordinalsText } from '../target/ordinals.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import { regularOrdinals } from '../target/surplus.ts';
import { formatDuration } from '../values/duration.ts';
import { maskUserInfo } from '../values/mask.ts';
import { heldCanariesText } from '../weights/held-canaries.ts';
import type { UpgradePlan } from './upgrade-plan.ts';

export interface QuestionFacts {
  place: { context: string; server: string } | undefined;
  set: StatefulSetFacts;
  services: readonly ServiceFacts[];
  /** Whether the surplus of the plan is still to be added. */
  surges: boolean;
  /** Whether it then starts on the new revision. */
  dark: boolean;
  floor: number;
  /** Backends with the surge. */
  all: number;
  /** Ordinals of the first batch that are at weight 0 already: by another writer, or by an earlier run. */
  drained: readonly number[];
  /** Updated pods at weight 0 that get their weight back first. */
  back: readonly number[];
  /** The effect of the upgrade on Services that lead to one pod alone, as sentences. */
  alone: readonly string[];
}

/** Several lines; the last one is the question itself. */
export function questionText(plan: UpgradePlan, asked: QuestionFacts): string {
  const { set, services, drained, back } = asked;
  const { canaries = [] } = plan;
  const rows: [string, string][] = [
    ['cluster', `${clusterText(asked.place)}namespace ${set.namespace}`],
    ['load balancer', services.map(({ balancerId, name }) => `${balancerId ?? 'none'} (service/${name})`).join(', ')],
    ['image', imageText(plan, set)],
    plan.window === undefined
      ? ['batches', batchText(plan)]
      : ['window', `at most ${plan.window.maxUnavailable} out of service at a time, of ${plan.batches.flat().length}`],
    ...(plan.pausesAt === undefined ? [] : [['pause', pauseText(plan, set)] as [string, string]]),
    ...(drained.length === 0
      ? []
      : [
          ['drained', `${formatOrdinals(drained)}, by another writer or by an earlier run: replaced first`] as [
            string,
            string,
          ],
        ]),
    ...(back.length === 0
      ? []
      : [['back', `${formatOrdinals(back)}, updated and at weight 0: given traffic first`] as [string, string]]),
    ...canaries.map((held): [string, string] => [
      'canary',
      `${heldCanariesText([held])}: given the whole weight at once`,
    ]),
    ['surge', surgeText(plan, asked)],
    ['floor', `at least ${asked.floor} of ${asked.all} backends keep serving`],
    ...asked.alone.map((line): [string, string] => ['alone', line]),
    ['connections', openText(plan.connections)],
    ['minimum time', formatDuration(Math.ceil((plan.leastMs ?? 0) / 1000) * 1000)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    `upgrade statefulset/${set.name}:`,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    'Start this upgrade?',
  ].join('\n');
}

const clusterText = (place: QuestionFacts['place']): string => {
  if (place === undefined) return '';
  const server = maskUserInfo(place.server);
  return place.context === '' ? `${server}, ` : `${server} (context ${place.context}), `;
};

function imageText({ images, restartedAt }: UpgradePlan, set: StatefulSetFacts): string {
  const changed = Object.entries(images).map(([name, image]) => `${name}: ${set.images[name]} -> ${image}`);
  const text = changed.length > 0 ? changed.join(', ') : `unchanged: ${Object.values(set.images).join(', ')}`;
  return restartedAt === undefined ? text : `${text}; restart: every pod is replaced`;
}

/** Of more batches the first ones and the last are shown. */
const MOST_BATCHES = 6;

function batchText({ batches }: UpgradePlan): string {
  const each = batches.map(formatOrdinals);
  const shown = each.length <= MOST_BATCHES ? each : [...each.slice(0, MOST_BATCHES - 1), '…', ...each.slice(-1)];
  return each.length === 0 ? 'none' : `${each.length}: ${shown.join(' | ')}`;
}

const pauseText = ({ pausesAt, surplus }: UpgradePlan, set: StatefulSetFacts): string =>
  `once ${pausesAt} of ${regularOrdinals(set).length} pods are updated and none is drained${surplus.length === 0 ? '' : '; the surplus stays'}`;

function surgeText({ surplus }: UpgradePlan, { surges, dark }: QuestionFacts): string {
  if (surplus.length === 0) return 'none';
  const start = dark ? '; they start on the new revision, without traffic until verified' : '';
  return surges
    ? `${surplus.length} more ${surplus.length === 1 ? 'replica' : 'replicas'} during the upgrade: ${ordinalsText(surplus)}${start}`
    : `${ordinalsText(surplus)}, there already`;
}

const openText = (connections: number | null | undefined): string =>
  connections === null || connections === undefined
    ? 'unknown on the pods to be replaced'
    : `${connections} now on the pods to be replaced`;
