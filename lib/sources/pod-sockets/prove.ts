/** Which backends can be counted in their pods: those whose pod can be entered, and on whose port clients show. */

import { isPassing, StatusError } from '../../core/errors.ts';
import { isUdp } from '../../core/facts/backends.ts';
import type { CallOptions, CountedBackend } from '../../ports.ts';
import { mapBounded } from '../bounded.ts';
import { MOST_AT_ONCE } from '../moments.ts';
import { byPod } from './by-pod.ts';
import { type Entry, type EntryOptions, enter, type OpenEntry } from './enter.ts';
import { hiddenBecause, isDeclaredOnly, showsClients } from './pod-clients.ts';
import { type ClientEvidence, proveClients } from './prove-clients.ts';

/** In the order of `backends`. Throws errors that may be temporary: the caller asks again. */
export async function proveBackends(
  backends: readonly CountedBackend[],
  siblings: readonly CountedBackend[],
  options: EntryOptions,
  call: CallOptions,
): Promise<readonly ClientEvidence[]> {
  const found = await mapBounded(byPod(backends), MOST_AT_ONCE, async (group): Promise<readonly ClientEvidence[]> => {
    const tcp = group.filter((backend) => !isUdp(backend.listener));
    const entry = tcp.length === 0 ? { because: '' } : await enter(tcp, options, call).catch(refusalToCount);
    return group.map((backend) => judge(backend, entry));
  });
  const judged = found.flat();
  const doubtful = judged.flatMap((each) => ('entry' in each && !each.showsClients ? [each] : []));
  const heard = await proveClients(doubtful, siblings, options, call);
  const byBackend = new Map([...judged, ...heard].map((each) => [each.backend, each]));
  return backends.flatMap((backend) => byBackend.get(backend) ?? []);
}

/** By the listener and its own pod alone. */
function judge(backend: CountedBackend, entry: Entry): ClientEvidence {
  const { protocol } = backend.listener;
  if (isUdp(backend.listener)) {
    const because = `sockets cannot be counted for ${protocol}: one socket serves every peer; --source clb counts packets`;
    return { backend, because };
  }
  if ('because' in entry && entry.isIdle && backend.inside !== undefined)
    return { backend, entry: IDLE, showsClients: true };
  if ('because' in entry) return { backend, because: entry.because };
  const because = hiddenBecause(entry.sockets, backend);
  if (because !== undefined) return { backend, because };
  // Connections of the pod itself on a port that no Service leads to are not counted anyway.
  return { backend, entry, showsClients: isDeclaredOnly(backend) || showsClients(entry.sockets, backend) };
}

/** A pod in which nothing runs holds no connection. */
const IDLE: OpenEntry = { container: '', sockets: [], makeup: '' };

/** A pod that cannot be looked into leaves the other sources to count. */
function refusalToCount(error: unknown): Entry {
  if (isPassing(error)) throw error;
  if (!(error instanceof StatusError)) throw error;
  const hint = error.httpStatus === 403 ? '; it needs get on pods and create on pods/exec' : '';
  return { because: `${error.serverMessage}${hint}` };
}
