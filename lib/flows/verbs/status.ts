/** status: what is wanted and what is seen, pod by pod. It reads only, and shows what it could not read as unknown. */

import { countedBackends } from '../../core/facts/backends.ts';
import { type Facts, isUnknown } from '../../core/facts/facts.ts';
import { servicePortTexts } from '../../core/facts/inside.ts';
import type { Observation } from '../../core/facts/observation.ts';
import type { StatusIntent } from '../../core/intent/intent.ts';
import { outcome } from '../../core/outcome/build-outcome.ts';
import type { Outcome } from '../../core/outcome/outcome.ts';
import { nextCommands } from '../../core/plan/next-command.ts';
import { insideLines } from '../../core/safety/inside-rule.ts';
import { chooseCounted } from '../../core/status/status-counts.ts';
import { statusRows } from '../../core/status/status-rows.ts';
import { surgeOf } from '../../core/status/status-surge.ts';
import type { StatusDetails, StatusNote } from '../../core/status/status-view.ts';
import { areUnborn } from '../../core/status/unborn.ts';
import { leavingNote } from '../../core/target/leaving-nodes.ts';
import { formatOrdinals, ordinalsText, without } from '../../core/target/ordinals.ts';
import { pauseLine, readPause } from '../../core/target/pause.ts';
import { isOutdated } from '../../core/target/pod.ts';
import { setFormatRefusals } from '../../core/target/set-format.ts';
import { advice, own } from '../../core/values/command.ts';
import { heldCanaries, heldCanariesText } from '../../core/weights/held-canaries.ts';
import { keyText } from '../../core/weights/rs-weight.ts';
import { notScaledAway } from '../../core/zero/overtaken.ts';
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
  const gone = without(facts.drainSet, notScaledAway(facts, facts.drainSet));
  if (gone.length > 0 && areUnborn(facts, running))
    notes.push(
      `drained ${ordinalsText(gone)} of statefulset/${facts.set.name} ${gone.length === 1 ? 'is' : 'are'} not created yet: ${running?.verb ?? 'surge'} writes the weight of 0 before the pod is there`,
    );
  else if (gone.length > 0)
    notes.push(
      advice`drained ${ordinalsText(gone)} of statefulset/${facts.set.name} no longer ${gone.length === 1 ? 'exists' : 'exist'}: scaled away, and the next pod of that name would get no traffic; to remove the weight of 0: ${own('restore', facts.set.name, formatOrdinals(gone))}`,
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
    rows: statusRows(facts, observation, counts, serverNowMs(world)),
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
    canaries: Object.fromEntries(facts.canaries),
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
  const held = heldCanariesText(heldCanaries(facts));
  const message = [drainedText(facts), ...(held === '' ? [] : [`canary: ${held}`]), ...surged].join('; ');
  const seen = observation === undefined || surge === null ? undefined : await seenServing(world, facts, observation);
  const refusals = [...setFormatRefusals(facts.set), ...facts.services.flatMap((each) => each.unreadable)];
  return outcome('status', facts, intent, {
    results: [],
    details,
    message,
    refusals,
    // A run that is on, or a pause, refuses the next command.
    next:
      refusals.length > 0 || !facts.set.observed || running?.expired === false || pause !== undefined
        ? []
        : nextCommands(facts, seen),
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
