/**
 * Connection counts as the pod itself sees them: sockets on the target port, read from the kernel's tables over exec.
 * Health probes do not show, and every peer that holds on has a name.
 */

import { ConnectionError } from '../../core/errors.ts';
import { isUdp } from '../../core/facts/backends.ts';
import type { CallOptions, ConnectionSource, Countability, CountedBackend, Series } from '../../ports.ts';
import { mapBounded } from '../bounded.ts';
import { MOST_AT_ONCE } from '../moments.ts';
import { createPace } from '../pace.ts';
import { byPod } from './by-pod.ts';
import { connectionsOn, isOfPodOrNode, isWithin, SECOND_LOOK_MS, Sightings } from './connections.ts';
import { type EntryOptions, enter } from './enter.ts';
import { isDeclaredOnly, showsClients } from './pod-clients.ts';
import type { Socket } from './proc-net-tcp.ts';
import { proveBackends } from './prove.ts';
import { readSockets } from './read-sockets.ts';

const NAME = 'pod';

export function createPodSockets(options: EntryOptions): ConnectionSource {
  const { clock, kube, warn } = options;
  const pace = createPace(NAME, clock, warn);
  const sightings = new Sightings();
  /** The container that answered, by pod UID. */
  const containers = new Map<string, string>();

  /** Backends, by keyOf, on whose port clients show: what a program in the pod holds to it is no client's then. */
  const shown = new Set<string>();

  /** The connections that are clients', or may be. */
  function heldOn(sockets: readonly Socket[], backend: CountedBackend): readonly Socket[] {
    if (isDeclaredOnly(backend))
      return connectionsOn(sockets, backend.port).filter((socket) => !isOfPodOrNode(socket, backend));
    if (showsClients(sockets, backend)) shown.add(keyOf(backend));
    const open = connectionsOn(sockets, backend.port);
    return shown.has(keyOf(backend)) ? open.filter((socket) => !isWithin(socket, backend.address)) : open;
  }

  async function readPod(backends: readonly CountedBackend[], call: CallOptions) {
    const [first] = backends;
    if (first === undefined) return [];
    const beganMs = clock.now();
    let atMs = beganMs;
    const look = async () => {
      const container = containers.get(first.podUid);
      const known = container === undefined ? undefined : await readSockets(kube, first.pod, container, call);
      return known !== undefined && 'sockets' in known ? known.sockets : await reenter(backends, call);
    };
    let sockets = await look();
    const doubtful = backends.filter((backend) =>
      sightings.isDoubtful(keyOf(backend), heldOn(sockets, backend), beganMs),
    );
    if (doubtful.length > 0) {
      await clock.sleep(SECOND_LOOK_MS, call.signal);
      // A connection that has ended between the two was there at the first: a window of zeros begins with the second.
      atMs = clock.now();
      sockets = await look();
    }
    const untilMs = clock.now();
    return backends.map((backend) => {
      const open = heldOn(sockets, backend);
      const holders = sightings.note(keyOf(backend), open, beganMs);
      return { source: NAME, backend, points: [{ atMs, untilMs, value: open.length }], holders };
    });
  }

  /** The container that answered before does not any more: an ephemeral one that ended, say. Throws when no other does. */
  async function reenter(backends: readonly CountedBackend[], call: CallOptions): Promise<readonly Socket[]> {
    const entry = await enter(backends, options, call);
    // A pod that runs nowhere holds no connection.
    if ('because' in entry && entry.isIdle && backends.every(({ inside }) => inside !== undefined)) return [];
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
    countsInside: true,
    async prove(backends, siblings, { signal } = {}) {
      pace.reset();
      const evidence = await proveBackends(backends, siblings, options, signal === undefined ? {} : { signal });
      return evidence.map((each): Countability => {
        const { backend } = each;
        if ('because' in each) return { backend, countable: false, because: each.because };
        const { container, sockets } = each.entry;
        if (container !== '') containers.set(backend.podUid, container);
        if (each.showsClients) shown.add(keyOf(backend));
        const held = heldOn(sockets, backend).length;
        if (backend.inside !== undefined) return { backend, countable: true, because: '' };
        const because = `the socket table of ${backend.pod} (container ${container}) shows the listening socket and ${held} connection${held === 1 ? '' : 's'}`;
        return { backend, countable: true, because };
      });
    },
    async read(backends, _sinceMs, { signal } = {}) {
      const call = signal === undefined ? {} : { signal };
      const pods = byPod(backends.filter((each) => !isUdp(each.listener)));
      const beganMs = clock.now();
      const read = await mapBounded(pods, MOST_AT_ONCE, (group) => readPod(group, call));
      const cadence = pace.after(pods.length, beganMs);
      return read.flat().map((series): Series => ({ ...series, cadence }));
    },
  };
}

/** Beside the backends of listeners there may be one of the same port, and each has its own sightings. */
const keyOf = ({ podUid, port, inside }: CountedBackend): string =>
  `${podUid} ${port}${inside === undefined ? '' : ' inside'}`;
