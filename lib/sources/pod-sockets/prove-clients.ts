/** The evidence of pods with traffic about a port on which no client shows at the moment: whether clients would show there. */
import { isPassing, StatusError } from '../../core/errors.ts';
import type { CallOptions, CountedBackend } from '../../ports.ts';
import { mapBounded } from '../bounded.ts';
import { MOST_AT_ONCE } from '../moments.ts';
import { byPod } from './by-pod.ts';
import { endOf, SECOND_LOOK_MS } from './connections.ts';
import { type Entry, type EntryOptions, enter, type OpenEntry, unreadable } from './enter.ts';
import { ELSEWHERE, heldWithin, showsClients } from './pod-clients.ts';
import { readSockets } from './read-sockets.ts';

/** One call's worth of pods with traffic is asked. */
const MOST_WITNESSES = 3;

/** A backend, and what the way into its pod has shown. */
interface Seen {
  backend: CountedBackend;
  entry: OpenEntry;
}

/** `showsClients`: whether one of a client's was seen on the port. `because`: why the backend cannot be counted here. */
export type ClientEvidence = (Seen & { showsClients: boolean }) | { backend: CountedBackend; because: string };

/**
 * Looks at some of the siblings, and never changes them. A program in the pod that holds connections to the port may be a proxy with
 * clients of its own, so that where no client shows, neither here nor there, the port is not counted. Throws errors that may be temporary,
 * where it hangs on a sibling that does not answer.
 */
export async function proveClients(
  doubtful: readonly Seen[],
  siblings: readonly CountedBackend[],
  options: EntryOptions,
  call: CallOptions,
): Promise<readonly ClientEvidence[]> {
  if (doubtful.length === 0) return [];
  const { witnesses, failure } = await askWitnesses(doubtful, siblings, options, call);
  const known = new Map<Seen, Promise<boolean>>();
  /** Asked once of each, however many backends want to know. */
  const isHeld = (seen: Seen): Promise<boolean> => {
    const asked = known.get(seen) ?? isHeldForLong(seen, options, call);
    known.set(seen, asked);
    return asked;
  };
  return mapBounded(doubtful, MOST_AT_ONCE, async (own): Promise<ClientEvidence> => {
    // The program that takes connections over is a container of the pod: another pod is no evidence about other containers.
    const alike = witnesses.filter(
      ({ backend, entry }) => backend.port === own.backend.port && entry.makeup === own.entry.makeup,
    );
    if (alike.some(({ backend, entry }) => showsClients(entry.sockets, backend))) return { ...own, showsClients: true };
    for (const seen of [own, ...alike]) {
      if (!(await isHeld(seen))) continue;
      if (failure !== undefined) throw failure;
      return { backend: own.backend, because: heldBecause(seen.backend) };
    }
    return { ...own, showsClients: false };
  });
}

async function askWitnesses(
  doubtful: readonly Seen[],
  siblings: readonly CountedBackend[],
  options: EntryOptions,
  call: CallOptions,
): Promise<{ witnesses: readonly Seen[]; failure: unknown }> {
  const ports = new Set(doubtful.map(({ backend }) => backend.port));
  const own = new Set(doubtful.map(({ backend }) => backend.podUid));
  const offered = byPod(siblings.filter(({ port, podUid }) => ports.has(port) && !own.has(podUid)));
  let failure: unknown;
  const found = await mapBounded(offered.slice(0, MOST_WITNESSES), MOST_AT_ONCE, async (backends) => {
    const entry = await enter(backends, { ...options, debugImage: undefined }, call).catch((error: unknown): Entry => {
      if (call.signal?.aborted === true || !(isPassing(error) || error instanceof StatusError)) throw error;
      // One that may not be asked, or is gone, never answers; one that is silent may answer another time.
      if (isPassing(error)) failure ??= error;
      return { because: error.message };
    });
    return 'because' in entry ? [] : backends.map((backend): Seen => ({ backend, entry }));
  });
  return { witnesses: found.flat(), failure };
}

/** Whether one of the connections from within the pod is still there at a second look: a probe's is not. */
async function isHeldForLong(
  { backend, entry }: Seen,
  { kube, clock }: EntryOptions,
  call: CallOptions,
): Promise<boolean> {
  const before = new Set(heldWithin(entry.sockets, backend).map(endOf));
  if (before.size === 0) return false;
  await clock.sleep(SECOND_LOOK_MS, call.signal);
  const look = await readSockets(kube, backend.pod, entry.container, call);
  if ('because' in look) throw unreadable(backend.pod, look.because);
  return heldWithin(look.sockets, backend).some((socket) => before.has(endOf(socket)));
}

const heldBecause = ({ pod, port }: CountedBackend): string =>
  `what holds connections to port ${port} of pod ${pod} is in the pod itself (127.0.0.1), and no client shows on the port, nor on that of pods with traffic: a proxy may take them over; ${ELSEWHERE}, or look again while a client is connected`;
