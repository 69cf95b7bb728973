/**
 * Connection counts as the pod itself sees them: sockets on the target port, read from the kernel's tables over exec.
 * Health probes do not show, and every peer that holds on has a name.
 */
import { isUdp } from '../../core/backends.ts';
import { ConnectionError, isPassing, StatusError } from '../../errors.ts';
import type { CallOptions, ConnectionSource, Countability, CountedBackend, Series } from '../../ports.ts';
import { mapBounded } from '../bounded.ts';
import { MOST_AT_ONCE } from '../moments.ts';
import { createPace } from '../pace.ts';
import { connectionsOn, isListening, Sightings } from './connections.ts';
import { type Entry, type EntryOptions, enter } from './enter.ts';
import type { Socket } from './proc-net-tcp.ts';
import { readSockets } from './read-sockets.ts';

const NAME = 'pod';
/** Longer than a probe lasts, shorter than anybody waits for. */
const SECOND_LOOK_MS = 200;

export function createPodSockets(options: EntryOptions): ConnectionSource {
  const { clock, kube, warn } = options;
  const pace = createPace(NAME, clock, warn);
  const sightings = new Sightings();
  /** The container that answered, by pod UID. */
  const containers = new Map<string, string>();

  async function provePod(backends: readonly CountedBackend[], call: CallOptions): Promise<readonly Countability[]> {
    const tcp = backends.filter((backend) => !isUdp(backend.listener));
    const entry = tcp.length === 0 ? { because: '' } : await enter(tcp, options, call).catch(refusalToCount);
    if ('container' in entry) for (const { podUid } of tcp) containers.set(podUid, entry.container);
    return backends.map((backend) => judgeEntry(backend, entry));
  }

  async function readPod(
    backends: readonly CountedBackend[],
    call: CallOptions,
  ): Promise<readonly Omit<Series, 'cadence'>[]> {
    const [first] = backends;
    if (first === undefined) return [];
    // The sockets are as they were some time after this; the earlier moment proves less.
    const atMs = clock.now();
    const look = async () => {
      const container = containers.get(first.podUid);
      const known = container === undefined ? undefined : await readSockets(kube, first.pod, container, call);
      return known !== undefined && 'sockets' in known ? known.sockets : await reenter(backends, call);
    };
    let sockets = await look();
    const doubtful = backends.filter((backend) =>
      sightings.isDoubtful(keyOf(backend), connectionsOn(sockets, backend.port, backend.address), atMs),
    );
    if (doubtful.length > 0) {
      await clock.sleep(SECOND_LOOK_MS, call.signal);
      sockets = await look();
    }
    return backends.map((backend) => {
      const open = connectionsOn(sockets, backend.port, backend.address);
      const holders = sightings.note(keyOf(backend), open, atMs);
      return { source: NAME, backend, points: [{ atMs, value: open.length }], holders };
    });
  }

  /** The container that answered before does not any more: an ephemeral one that ended, say. Throws when no other does. */
  async function reenter(backends: readonly CountedBackend[], call: CallOptions): Promise<readonly Socket[]> {
    const entry = await enter(backends, options, call);
    if ('because' in entry) {
      throw new ConnectionError(`the pod source cannot count ${backends[0]?.pod}: ${entry.because}`, {
        retryable: true,
      });
    }
    for (const { podUid } of backends) containers.set(podUid, entry.container);
    return entry.sockets;
  }

  return {
    name: NAME,
    async prove(backends, _siblings, { signal } = {}) {
      const call = signal === undefined ? {} : { signal };
      pace.reset();
      const found = await mapBounded(byPod(backends), MOST_AT_ONCE, (group) => provePod(group, call));
      const byBackend = new Map(found.flat().map((each) => [each.backend, each]));
      return backends.flatMap((backend) => byBackend.get(backend) ?? []);
    },
    async read(backends, _sinceMs, { signal } = {}) {
      const call = signal === undefined ? {} : { signal };
      const pods = byPod(backends.filter((each) => !isUdp(each.listener)));
      const beganMs = clock.now();
      const read = await mapBounded(pods, MOST_AT_ONCE, (group) => readPod(group, call));
      const cadence = pace.after(pods.length, beganMs);
      return read.flat().map((series) => ({ ...series, cadence }));
    },
  };
}

const keyOf = ({ podUid, port }: CountedBackend): string => `${podUid} ${port}`;

function byPod(backends: readonly CountedBackend[]): readonly (readonly CountedBackend[])[] {
  const groups = new Map<string, CountedBackend[]>();
  for (const backend of backends) groups.set(backend.podUid, [...(groups.get(backend.podUid) ?? []), backend]);
  return [...groups.values()];
}

function judgeEntry(backend: CountedBackend, entry: Entry): Countability {
  if (isUdp(backend.listener)) {
    return {
      backend,
      countable: false,
      because: `sockets cannot be counted for ${backend.listener.protocol}: one socket serves every peer; --source clb counts packets`,
    };
  }
  if ('because' in entry) return { backend, countable: false, because: entry.because };
  const { container, sockets } = entry;
  if (!isListening(sockets, backend.port)) {
    return {
      backend,
      countable: false,
      because: `nothing listens on port ${backend.port} of pod ${backend.pod}: its connections would not show there`,
    };
  }
  const now = connectionsOn(sockets, backend.port, backend.address).length;
  return {
    backend,
    countable: true,
    because: `the socket table of ${backend.pod} (container ${container}) shows its listener and ${now} connection${now === 1 ? '' : 's'}`,
  };
}

/** A pod that cannot be looked into leaves the other sources to count. Throws what may pass: whoever proves has to ask again. */
function refusalToCount(error: unknown): Entry {
  if (isPassing(error)) throw error;
  if (!(error instanceof StatusError)) throw error;
  const hint = error.httpStatus === 403 ? '; it needs get on pods and create on pods/exec' : '';
  return { because: `${error.serverMessage}${hint}` };
}
