/** history: reads the events and the bookkeeping back as the story of the upgrade. It reads only. */

import { ConnectionError, ExitCode, StatusError } from '../../core/errors.ts';
import type { Facts } from '../../core/facts/facts.ts';
import type { HistoryIntent } from '../../core/intent/intent.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { aboutStory, clusterName, type KnownNow } from '../../core/story/about.ts';
import { type ChangeCause, causeLine, changeCauses } from '../../core/story/change-cause.ts';
import type { RecordingLine } from '../../core/story/recording.ts';
import {
  entriesOfEvents,
  entriesOfRecording,
  type HistoryDetails,
  type HistoryEntry,
  type HistoryNow,
  mergeEntries,
} from '../../core/story/story.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { FORMER_REVISION } from '../../core/target/revisions.ts';
import { setFormatRefusals } from '../../core/target/set-format.ts';
import { formerReplicas } from '../../core/target/surplus.ts';
import { parseTime } from '../../core/values/time.ts';
import { CONTROLLER_REVISIONS, EVENTS } from '../../ports/resources.ts';
import type { World } from '../../ports.ts';
import { gather } from '../target/gather.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';

/** With a recording, a cluster that does not answer, or no longer has the StatefulSet, is only a note: the recording has the story. */
export async function history(world: World, intent: HistoryIntent): Promise<Outcome<HistoryDetails>> {
  const { recording } = intent;
  const notes = [...(recording?.notes ?? [])];
  const recorded = recording === undefined ? [] : entriesOfRecording(recording.lines);
  let here: Here | undefined;
  try {
    here = await readCluster(world, intent, notes);
  } catch (error) {
    if (recording === undefined || !(error instanceof StatusError || error instanceof ConnectionError)) throw error;
    notes.push(`the cluster did not answer: ${error.message}`);
  }
  const entries = mergeEntries(recorded, withinTime(here?.entries ?? [], recording?.lines));
  if (recording === undefined) {
    notes.push(
      'events are kept by the API server for a limited time, one hour unless it is set up otherwise; --record FILE keeps them for good',
    );
  }
  const about = aboutStory(
    entries,
    recording?.lines,
    here && knownOf(here.facts),
    world.place === undefined ? undefined : clusterName(world.place),
  );
  const details: HistoryDetails = {
    entries,
    about,
    now: here === undefined ? null : nowOf(here.facts),
    ...(here === undefined ? {} : { causes: here.causes }),
    notes,
  };
  return {
    verb: 'history',
    target: { namespace: world.kube.namespace, name: intent.name },
    dryRun: 'none',
    exitCode: ExitCode.done,
    changed: false,
    results: [],
    refusals: [],
    next: [],
    details,
    message: [
      ...(entries.length === 0 ? [`no step of an upgrade of statefulset/${intent.name} was found`] : []),
      ...(here?.causes ?? []).map(causeLine),
      ...notes.map((note) => `note: ${note}`),
    ].join('\n'),
  };
}

/** Events and lines are timed by two clocks, and an Event by whole seconds. */
const MARGIN_MS = 5_000;

/** The events of the recording's own time: those of other upgrades belong to another story. Without a recording, all. */
function withinTime(entries: readonly HistoryEntry[], lines: readonly RecordingLine[] | undefined): HistoryEntry[] {
  if (lines === undefined) return [...entries];
  const times = lines.map(({ at }) => parseTime(at)).filter(Number.isFinite);
  const fromMs = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) - MARGIN_MS;
  const toMs = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) + MARGIN_MS;
  return entries.filter(({ at }) => parseTime(at) >= fromMs && parseTime(at) <= toMs);
}

interface Here {
  facts: Facts;
  entries: HistoryEntry[];
  causes: ChangeCause[];
}

async function readCluster(world: World, intent: HistoryIntent, notes: string[]): Promise<Here> {
  const facts = await gather(world, intent, { unreadable: 'report' });
  const unreadable = [...setFormatRefusals(facts.set), ...facts.services.flatMap((each) => each.unreadable)];
  notes.push(...unreadable.map(({ message }) => message));
  warnOfLeftBehind(world, facts);
  const causes = await readCauses(world, facts, notes);
  try {
    const fieldSelector = `involvedObject.kind=StatefulSet,involvedObject.name=${intent.name}`;
    const { items } = await world.kube.list(EVENTS, { fieldSelector, signal: world.signal });
    return { facts, causes, entries: entriesOfEvents(items, facts.set.uid) };
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    notes.push(`events cannot be read: ${error.message}`);
    return { facts, causes, entries: [] };
  }
}

/** A user who may not list revisions still reads the story. */
async function readCauses(world: World, { set }: Facts, notes: string[]): Promise<ChangeCause[]> {
  try {
    const { items } = await world.kube.list(CONTROLLER_REVISIONS, {
      labelSelector: set.selectorText,
      signal: world.signal,
    });
    return changeCauses(items, set);
  } catch (error) {
    if (!(error instanceof StatusError) || error.httpStatus !== 403) throw error;
    notes.push(`change-causes cannot be read: ${error.message}`);
    return [];
  }
}

const knownOf = ({ set, services }: Facts): KnownNow => ({
  images: set.images,
  services: services.map(({ service }) => service.name),
  balancers: services.flatMap(({ service }) => service.balancerId ?? []),
});

function nowOf({ set, pods, services, drainSet, canaries }: Facts): HistoryNow {
  return {
    drainSet,
    canaries: Object.fromEntries(canaries),
    services: services.map(({ service, former }) => ({
      name: service.name,
      weights: service.weightText ?? null,
      formerWeights: former?.text ?? null,
      recorded: former !== undefined,
    })),
    replicas: set.replicas,
    formerReplicas: formerReplicas(set) ?? null,
    updateRevision: set.updateRevision,
    formerRevision: setFormatRefusals(set).length > 0 ? null : (set.annotations[FORMER_REVISION] ?? null),
    updatedPods: pods.filter((pod) => !isOutdated(pod, set)).length,
    pods: pods.length,
  };
}
