/** The rows of status, a pod each, from what was read; everything that could not be read is null. Pure. */

import { countedBackends, type PodBinding } from '../facts/backends.ts';
import { type Facts, isUnknown, type ServiceWeights } from '../facts/facts.ts';
import type { Observation } from '../facts/observation.ts';
import { selects } from '../facts/selection.ts';
import { union } from '../target/ordinals.ts';
import { isOfOtherRevision, type PodFacts } from '../target/pod.ts';
import { ordinalsOf } from '../target/stateful-set-facts.ts';
import { parseTime } from '../values/time.ts';
import { wantedWeight } from '../weights/drain-set.ts';
import { keyText } from '../weights/rs-weight.ts';
import type { CountedBackend } from '../zero/connection-series.ts';
import type { StatusBackend, StatusRow } from './status-view.ts';

export interface NewestCounts {
  /** The newest number of connections; undefined: unknown, never zero. */
  of(backend: CountedBackend): number | undefined;
}

/** `observation` and `counts` undefined: not known, which the rows show. `nowMs`: the API server's time. */
export function statusRows(
  facts: Facts,
  observation: Observation | undefined,
  counts: NewestCounts | undefined,
  nowMs: number,
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
    return { pod: `${facts.set.name}-${ordinal}`, ordinal, backends, ...podColumns(facts, pod, nowMs) };
  });
}

/** Of several rules on one listener the largest weight and the worst health are shown: what keeps a pod from being idle. */
function seenOf(
  binding: PodBinding | undefined,
  counts: NewestCounts | undefined,
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
  facts: Facts,
  pod: PodFacts | undefined,
  nowMs: number,
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
    ageSeconds: Number.isFinite(createdMs) ? Math.max(0, Math.floor((nowMs - createdMs) / 1000)) : null,
  };
}
