/** status: what is wanted and what is seen, pod by pod. It reads only, and shows what it could not read as unknown. */

import { countedBackends, type PodBinding } from '../../core/facts/backends.ts';
import { type Facts, isUnknown, type ServiceWeights } from '../../core/facts/facts.ts';
import { servicePortTexts } from '../../core/facts/inside.ts';
import type { Observation } from '../../core/facts/observation.ts';
import { selects } from '../../core/facts/selection.ts';
import type { StatusIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { nextCommands } from '../../core/plan/next-command.ts';
import { insideLines } from '../../core/safety/inside-rule.ts';
import { chooseCounted } from '../../core/status/status-counts.ts';
import { surgeOf } from '../../core/status/status-surge.ts';
import type { StatusBackend, StatusDetails, StatusNote, StatusRow } from '../../core/status/status-view.ts';
import { leavingNote } from '../../core/target/leaving-nodes.ts';
import { formatOrdinals, ordinalsText, union } from '../../core/target/ordinals.ts';
import { pauseLine, readPause } from '../../core/target/pause.ts';
import { isOfOtherRevision, isOutdated, type PodFacts } from '../../core/target/pod.ts';
import { setFormatRefusals } from '../../core/target/set-format.ts';
import { ordinalsOf } from '../../core/target/stateful-set-facts.ts';
import { advice, own } from '../../core/values/command.ts';
import { parseTime } from '../../core/values/time.ts';
import { wantedWeight } from '../../core/weights/drain-set.ts';
import { keyText } from '../../core/weights/rs-weight.ts';
import type { CountedBackend, World } from '../../ports.ts';
import { runningText, runningVerb } from '../guard/other-operator.ts';
import { serverNowMs } from '../guard/server-time.ts';
import { softly } from '../guard/softly.ts';
import { seenServing } from '../safety/seen-serving.ts';
import { serviceRefusals } from '../safety/service-refusals.ts';
import { gather } from '../target/gather.ts';
import { observe } from '../target/observe.ts';
import { warnOfLeftBehind } from '../target/orphaned-weights.ts';
import { type Counts, countNow } from '../zero/count-now.ts';

/**
 * Never fails for want of the cloud, nor over an annotation that is damaged: unknown fields are null then,
 * and a note or a refusal with its cure says why.
 */
export async function status(world: World, intent: StatusIntent): Promise<Outcome<StatusDetails>> {
  const facts = await gather(world, intent, { unreadable: 'report' });
  warnOfLeftBehind(world, facts);
  const notes: StatusNote[] = (await serviceRefusals(world, facts)).map((refusal) => refusal.message);
  const [observation, running] = await Promise.all([
    observeSoftly(world, facts, intent, notes),
    runningVerb(world, intent.name),
  ]);
  const counts =
    observation === undefined
      ? undefined
      : await countSome(world, facts, observation, { notes, all: intent.allConnections === true });
  if (!facts.consistent)
    notes.push(
      'the Services or ports disagree about which pods are drained: the last write was interrupted; run the same verb again',
    );
  const pause = readPause(facts.set);
  if (pause !== undefined)
    notes.push(
      advice`${pauseLine(facts.set.name, pause, serverNowMs(world))}; to let it go on: ${own('resume', facts.set.name)}`,
    );
  if (running !== undefined) notes.push(runningText(world, running));
  const leaving = leavingNote(facts.set, facts.pods);
  if (leaving !== undefined) notes.push(leaving);
  if (!facts.set.observed)
    notes.push('the controller has not yet seen the newest spec: which pods are outdated may change');
  if (facts.inside.known) notes.push(...insideLines(facts.inside.value));
  const surge = surgeOf(facts, notes);
  const details: StatusDetails = {
    rows: rowsOf(world, facts, observation, counts),
    services: facts.services.map(({ service }) => {
      const balancer = observation?.bound.find((bound) => bound.service.name === service.name)?.balancer;
      return {
        name: service.name,
        balancer: service.balancerId ?? null,
        vips: [...(balancer?.vips ?? [])],
        listeners: service.ports.map((port) => keyText({ proto: port.protocol, port: port.port })),
      };
    }),
    inside: (facts.inside.known ? facts.inside.value : []).map((service) => ({
      name: service.name,
      type: service.type,
      headless: service.isHeadless,
      ports: servicePortTexts(service),
    })),
    drainSet: [...facts.drainSet],
    surge,
    paused: pause ?? null,
    running: running ?? null,
    notes,
  };
  const surged =
    surge === null
      ? []
      : [
          `surge: ${surge.formerReplicas} replicas before${surge.surplus.length === 0 ? '' : `, surplus ${ordinalsText(surge.surplus)}`}`,
        ];
  const message = [drainedText(facts), ...surged].join('; ');
  const seen = observation === undefined || surge === null ? undefined : await seenServing(world, facts, observation);
  const refusals = [...setFormatRefusals(facts.set), ...facts.services.flatMap((each) => each.unreadable)];
  return outcome('status', facts, intent, {
    results: [],
    details,
    message,
    refusals,
    next: refusals.length > 0 || !facts.set.observed ? [] : nextCommands(facts, seen),
  });
}

function drainedText({ drainSet, services }: Facts): string {
  const unreadable = services.filter(isUnknown).map(({ service }) => `service/${service.name}`);
  if (unreadable.length === 0)
    return drainSet.length === 0 ? 'nothing is drained' : `drain set: ${formatOrdinals(drainSet)}`;
  const known =
    drainSet.length === 0 ? 'which pods are drained is unknown' : `drain set: ${formatOrdinals(drainSet)} at least`;
  return `${known}: the annotation of ${unreadable.join(', ')} cannot be read`;
}

/** undefined, with a note that says why, when the cloud does not answer or is not to be asked. */
async function observeSoftly(
  world: World,
  facts: Facts,
  { cloud }: StatusIntent,
  notes: StatusNote[],
): Promise<Observation | undefined> {
  if (cloud === false) {
    notes.push('weights and connections are unknown: the cloud was not asked (--no-cloud)');
    return undefined;
  }
  const observation = await softly(world, () => observe(world, facts));
  if (observation.known) return observation.value;
  notes.push(`weights at the load balancer are unknown: ${observation.because}`);
  return undefined;
}

/** The newest numbers of the pods that a glance asks for. */
async function countSome(
  world: World,
  facts: Facts,
  observation: Observation,
  { notes, all }: { notes: StatusNote[]; all: boolean },
): Promise<Counts> {
  const perPod = new Map<string, CountedBackend[]>();
  for (const binding of observation.bindings) {
    const { uid } = binding.pod;
    perPod.set(uid, [...(perPod.get(uid) ?? []), ...countedBackends(binding)]);
  }
  const { backends, leftOut } = chooseCounted(
    facts.pods.map((pod) => ({
      drained: facts.drainSet.includes(pod.ordinal),
      updated: !isOutdated(pod, facts.set),
      backends: perPod.get(pod.uid) ?? [],
    })),
    all,
  );
  if (leftOut > 0)
    notes.push(
      `connections of ${leftOut} pods were not asked for: drained and updated pods come first (--all-connections asks for every pod)`,
    );
  return countNow(world, backends, notes);
}

function rowsOf(
  world: World,
  facts: Facts,
  observation: Observation | undefined,
  counts: Counts | undefined,
): StatusRow[] {
  const ordinals = union(
    ordinalsOf(facts.set),
    facts.pods.map((pod) => pod.ordinal),
  );
  const pods = new Map(facts.pods.map((pod) => [pod.ordinal, pod]));
  const placeOf = (service: string, key: { proto: string; port: number }, ordinal: number) =>
    `${service} ${keyText(key)} ${ordinal}`;
  // Reversed, so that of several the first one stays.
  const bindings = new Map(
    observation?.bindings.toReversed().map((binding) => {
      const { service, port, pod } = binding;
      return [placeOf(service.name, { proto: port.protocol, port: port.port }, pod.ordinal), binding];
    }),
  );
  return ordinals.map((ordinal) => {
    const pod = pods.get(ordinal);
    const leads = ({ service, selection, drained }: ServiceWeights): boolean =>
      drained.some.includes(ordinal) || (pod === undefined ? selection.reaches(ordinal) : selects(service, pod));
    const backends = facts.services.filter(leads).flatMap((weights) => {
      const { service, current } = weights;
      return service.ports.map((port): StatusBackend => {
        const key = { proto: port.protocol, port: port.port };
        const binding = bindings.get(placeOf(service.name, key, ordinal));
        return {
          service: service.name,
          listener: keyText(key),
          wantWeight: isUnknown(weights) ? null : wantedWeight(current?.document, key, facts.set.name, ordinal),
          ...seenOf(binding, counts),
        };
      });
    });
    return { pod: `${facts.set.name}-${ordinal}`, ordinal, backends, ...podColumns(world, facts, pod) };
  });
}

/** Of several rules on one listener the largest weight and the worst health are shown: what keeps a pod from being idle. */
function seenOf(
  binding: PodBinding | undefined,
  counts: Counts | undefined,
): Pick<StatusBackend, 'listenerId' | 'seenWeight' | 'health' | 'connections'> {
  const backends = binding?.bindings ?? [];
  const sick = backends.find((backend) => backend.health !== 'alive' && backend.health !== 'off');
  const known = binding === undefined ? [] : countedBackends(binding).flatMap((backend) => counts?.of(backend) ?? []);
  return {
    listenerId: binding?.listener?.id ?? null,
    seenWeight: backends.length === 0 ? null : Math.max(...backends.map((backend) => backend.weight)),
    health: (sick ?? backends[0])?.health ?? null,
    connections: known.length === 0 ? null : known.reduce((sum, count) => sum + count, 0),
  };
}

function podColumns(
  world: World,
  facts: Facts,
  pod: PodFacts | undefined,
): Omit<StatusRow, 'pod' | 'ordinal' | 'backends'> {
  const createdMs = parseTime(pod?.createdAt ?? '');
  return {
    uid: pod?.uid ?? null,
    ip: pod === undefined || pod.address === '' ? null : pod.address,
    revision: pod?.revision ?? null,
    updated: pod === undefined ? null : !isOfOtherRevision(pod, facts.set),
    images: Object.entries(pod?.images ?? {}).flatMap(([name, image]) =>
      pod?.initContainers.includes(name) ? [] : [image],
    ),
    ready: pod?.containers ?? { ready: 0, total: 0 },
    gates: { passed: pod?.gates.filter((gate) => gate.met).length ?? 0, total: pod?.gates.length ?? 0 },
    restarts: pod?.restarts ?? 0,
    phase: pod?.state ?? 'Missing',
    ageSeconds: Number.isFinite(createdMs) ? Math.max(0, Math.floor((serverNowMs(world) - createdMs) / 1000)) : null,
  };
}
