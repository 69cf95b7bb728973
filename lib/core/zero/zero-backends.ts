/** The backends of a wait as they are shown: weight wanted and seen, with what each source counts. */

import { placeText } from '../facts/backends.ts';
import { bindingsAt, type Observation } from '../facts/observation.ts';
import type { CountedBackend } from './connection-series.ts';
import type { ZeroBackend, ZeroRow } from './zero-view.ts';

/** One per pod and listener, in the order of the pods; of several rules on one listener the largest weight is shown. */
export function backendsOf(
  observation: Observation,
  ordinals: readonly number[],
  rows: readonly ZeroRow[],
  elsewhere: readonly CountedBackend[] = [],
): ZeroBackend[] {
  const shown = new Map<string, ZeroBackend>();
  const rowsAt = Map.groupBy(rows, (row) => `${row.pod} ${row.listener}`);
  for (const { pod, port, listener, wanted, bindings: bound } of bindingsAt(observation, ordinals)) {
    const name = `${listener?.protocol ?? port.protocol}/${listener?.port ?? port.port}`;
    const weights = bound.map((backend) => backend.weight);
    const key = `${pod.name} ${name}`;
    const before = shown.get(key);
    const seen = [...weights, ...(before?.seenWeight == null ? [] : [before.seenWeight])];
    shown.set(key, {
      pod: pod.name,
      listener: name,
      wantedWeight: Math.max(wanted, before?.wantedWeight ?? 0),
      seenWeight: seen.length === 0 ? null : Math.max(...seen),
      rows: rowsAt.get(key) ?? [],
    });
  }
  for (const backend of elsewhere) {
    const [{ pod }, listener] = [backend, placeText(backend)];
    const key = `${pod} ${listener}`;
    shown.set(key, {
      ...{ pod, listener, wantedWeight: 0, seenWeight: 0, rows: rowsAt.get(key) ?? [] },
      ...(backend.inside === undefined ? {} : { inside: true }),
    });
  }
  return [...shown.values()].sort((a, b) => a.pod.localeCompare(b.pod, 'en', { numeric: true }));
}
