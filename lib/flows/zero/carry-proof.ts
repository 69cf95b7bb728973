/** The proof between two commands, on the side of the one that goes on from it, and what the other one leaves. */

import type { Facts } from '../../core/facts/facts.ts';
import { ownAnnotations } from '../../core/facts/service-facts.ts';
import type { ZeroIntent } from '../../core/intent/intent.ts';
import { ordinalsText } from '../../core/target/ordinals.ts';
import { type PodFacts, podsAt } from '../../core/target/pod.ts';
import { formatDuration } from '../../core/values/duration.ts';
import {
  believeProof,
  commonRun,
  type Proof,
  type ProofClock,
  type ProofTerms,
  proofOf,
  proofTerms,
} from '../../core/zero/proof.ts';
import { type CarriedRun, notJoinedBecause, runToCarry } from '../../core/zero/zero-run.ts';
import { readProof } from '../../core/zero/zero-seen.ts';
import type { World } from '../../ports.ts';
import type { Assignment } from './choose-sources.ts';
import type { Sampler } from './sampler.ts';

/** One wait, at one look. */
export interface Counted {
  facts: Facts;
  assignments: readonly Assignment[];
  ordinals: readonly number[];
  /** Pod UID to the moment of weight 0, by the clock of this machine. */
  sinceMs: ReadonlyMap<string, number>;
}

const clockOf = ({ kube, machine = '' }: World): ProofClock => ({ machine, aheadMs: kube.clockAheadMs?.() });

function termsOf({ facts, assignments, ordinals }: Counted, intent: ZeroIntent): ProofTerms {
  return proofTerms({
    sources: assignments.map(({ source: { name, countsBy }, backends }) => ({ name, countsBy, backends })),
    pods: podsAt(facts.pods, ordinals),
    maxConnections: intent.maxConnections,
    ignoredPorts: intent.ignoredPorts ?? [],
  });
}

const isOfMoments = ({ source }: Assignment): boolean => source.countsBy !== undefined;

/** For each ordinal that a source of moments counts why its window is counted from its beginning; undefined: it goes on. */
export type CarriedProof = ReadonlyMap<number, string | undefined>;

/** Before the first reading: gives the sampler what still holds. The returned function says afterwards what came of it. */
export function carryProof(world: World, intent: ZeroIntent, counted: Counted, sampler: Sampler): () => CarriedProof {
  const { facts, assignments, sinceMs } = counted;
  const terms = termsOf(counted, intent);
  const key = ownAnnotations(facts.set.name).zeroSeen;
  const podOf = (uid: string): PodFacts | undefined => facts.pods.find((pod) => pod.uid === uid);
  const proofsOf = (uid: string): unknown[] =>
    facts.services
      .filter(({ selection }) => selection.reaches(podOf(uid)?.ordinal ?? Number.NaN))
      .map(({ service }) => readProof(service, service.annotations[key]));
  const { runs, because } = believeProof(proofsOf, terms, clockOf(world));
  sampler.carry(runs);
  return () => {
    const carried = new Map<number, string | undefined>();
    for (const { backend, cadence, points } of sampler.series(assignments.filter(isOfMoments))) {
      const { podUid } = backend;
      const [run, zeroSinceMs] = [runs.get(podUid), sinceMs.get(podUid) ?? Number.NaN];
      const first = points.find(({ atMs }) => atMs >= zeroSinceMs);
      const ordinal = podOf(podUid)?.ordinal;
      if (ordinal === undefined || first === undefined) continue;
      const why = run === undefined ? because.get(podUid) : notJoinedBecause(run, first.atMs, { cadence, zeroSinceMs });
      carried.set(ordinal, carried.get(ordinal) ?? why);
    }
    return carried;
  };
}

/** A line for each reason, with the ordinals that it concerns; or that the wait goes on. */
export function tellCarried({ report }: World, { stableForMs }: ZeroIntent, carried: CarriedProof): void {
  for (const [because, entries] of Map.groupBy(carried, ([, why]) => why)) {
    const ordinals = ordinalsText(entries.map(([ordinal]) => ordinal));
    report.progress(
      because === undefined
        ? `${ordinals}: going on from the readings of wait-zero`
        : `counting ${ordinals} for the whole ${formatDuration(stableForMs)}: ${because}`,
    );
  }
}

/** The proof of this look, for the next command; undefined: every source has a memory of its own, or nothing is at zero. */
export function provenBy(
  world: World,
  { maxConnections, ...intent }: ZeroIntent,
  counted: Counted,
  sampler: Sampler,
): Proof | undefined {
  const moments = counted.assignments.filter(isOfMoments);
  const perPod = Map.groupBy(sampler.series(moments), ({ backend }) => backend.podUid);
  const runs = new Map<string, CarriedRun>();
  for (const [uid, series] of perPod) {
    const zeroSinceMs = counted.sinceMs.get(uid) ?? Number.NaN;
    const each = series.flatMap(
      ({ points, cadence }) => runToCarry(points, cadence, { maxConnections, zeroSinceMs }) ?? [],
    );
    if (each.length === series.length) runs.set(uid, commonRun(each));
  }
  return proofOf(termsOf(counted, { ...intent, maxConnections }), clockOf(world), runs);
}
