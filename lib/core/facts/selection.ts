/**
 * Which pods a Service leads to. Kubernetes matches the labels that the pods have; the template's labels count for the pods
 * to come. This is the one place that compares a Service's selector with labels.
 */

import { type PodFacts, podAt } from '../target/pod.ts';
import { ordinalsOf, type StatefulSetFacts } from '../target/stateful-set-facts.ts';
import type { ServiceFacts } from './service-facts.ts';

type Labels = Readonly<Record<string, string>>;
type Selecting = Pick<ServiceFacts, 'selector'>;

/** As `selects`, for many pods. */
export function selecting({ selector }: Selecting): (pod: { labels: Labels }) => boolean {
  const wanted = Object.entries(selector);
  return ({ labels }) => wanted.length > 0 && matches(wanted, labels);
}

/** Whether the labels match. An empty selector matches nothing (Kubernetes: a Service without selector has no endpoints of its own). */
export const selects = (service: Selecting, pod: { labels: Labels }): boolean => selecting(service)(pod);

const matches = (wanted: readonly [string, string][], labels: Labels): boolean =>
  wanted.every(([key, value]) => labels[key] === value);

/** The labels of a pod that the controller makes now: the template's, and those of its identity (Kubernetes: StatefulSet, pod identity). */
export const labelsToCome = (set: StatefulSetFacts, ordinal: number): Labels => ({
  ...set.templateLabels,
  'statefulset.kubernetes.io/pod-name': `${set.name}-${ordinal}`,
  'apps.kubernetes.io/pod-index': String(ordinal),
  'controller-revision-hash': set.updateRevision,
});

/** The ordinals of the target that one Service selects. */
export interface Selection {
  /** The ordinals of the pods that it selects now. */
  now: readonly number[];
  /** Whether it selects every pod that the target has. */
  isWhole: boolean;
  /** The part of its selector that the template does not give: `statefulset.kubernetes.io/pod-name=log-0`. */
  labels: readonly string[];
  /** Whether it leads to the pod of this ordinal: now, once the pod is made anew, or as soon as a program sets the label that the template lacks. */
  reaches(ordinal: number): boolean;
}

/** Undefined: it selects no pod of the target, now or made anew. `held`: it keeps weights of the target, and a label that the template lacks is enough then. */
export function selectionOf(
  service: Selecting,
  set: StatefulSetFacts,
  pods: readonly PodFacts[],
  { held = false }: { held?: boolean } = {},
): Selection | undefined {
  const wanted = Object.entries(service.selector);
  if (wanted.length === 0) return undefined;
  const now = pods.filter(({ labels }) => matches(wanted, labels)).map(({ ordinal }) => ordinal);
  const reaches = (ordinal: number): boolean => {
    const coming = labelsToCome(set, ordinal);
    const present = podAt(pods, ordinal)?.labels;
    return wanted.every(([key, value]) => present?.[key] === value || (coming[key] ?? value) === value);
  };
  const all = [set.start, ...ordinalsOf(set)];
  const comes = (ordinal: number): boolean => selects(service, { labels: labelsToCome(set, ordinal) });
  if (now.length === 0 && !all.some(comes) && !(held && all.some(reaches))) return undefined;
  return {
    now,
    isWhole: now.length === pods.length,
    labels: wanted.filter(([key, value]) => set.templateLabels[key] !== value).map(([key, value]) => `${key}=${value}`),
    reaches,
  };
}

/** Of a Service that only keeps weights of the target: it leads to none of its pods. */
export const NO_SELECTION: Selection = { now: [], isWhole: false, labels: [], reaches: () => false };

/** Whether anything leads to the target's pods here: for checks that ask only whether a Service, of any type, selects them. */
export const leadsTo = (service: Selecting, set: StatefulSetFacts, pods: readonly PodFacts[]): boolean =>
  selectionOf(service, set, pods) !== undefined;

/** `log-0 (by statefulset.kubernetes.io/pod-name=log-0)`: which pods a Service selects now, and by what the template does not give. */
export function selectionText({ now, labels }: Selection, statefulSet: string): string {
  const names = now.slice(0, 3).map((ordinal) => `${statefulSet}-${ordinal}`);
  const more = now.length > names.length ? ` and ${now.length - names.length} more` : '';
  const by = labels.length === 0 ? '' : ` (by ${labels.join(', ')})`;
  return `${names.length === 0 ? 'no pod' : names.join(', ')}${more}${by}`;
}
