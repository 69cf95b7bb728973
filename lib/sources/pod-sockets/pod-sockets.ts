/**
 * Connection counts as the pod itself sees them: sockets on the target port, read from the kernel's tables over exec.
 * Health probes do not show, and every peer that holds on has a name.
 */
import { isUdp } from '../../core/backends.ts';
import { ConnectionError, isPassing, StatusError } from '../../errors.ts';
import type {
  Cadence,
  CallOptions,
  Clock,
  ConnectionSource,
  Countability,
  CountedBackend,
  Kube,
  KubeObject,
  Series,
} from '../../ports.ts';
import { PODS } from '../../resources.ts';
import { mapBounded } from '../bounded.ts';
import { cadenceOfMoments, MOST_AT_ONCE } from '../moments.ts';
import { connectionsOn, isListening, Sightings } from './connections.ts';
import { candidateContainers, redirectingSidecar } from './containers.ts';
import { ensureDebugContainer } from './debug-container.ts';
import type { Socket } from './proc-net-tcp.ts';
import { readSockets } from './read-sockets.ts';

const NAME = 'pod';
/** Longer than a probe lasts, shorter than anybody waits for. */
const SECOND_LOOK_MS = 200;

export interface PodSocketsOptions {
  kube: Kube;
  clock: Clock;
  warn: (line: string) => void;
  /** Image of an ephemeral container, for pods that have no `cat`; undefined: none is ever added. */
  debugImage: string | undefined;
  /** False: it is not added now, but would be by a verb that may write. */
  mayWrite: boolean;
}

type Reader = { container: string; sockets: readonly Socket[] } | { because: string };

export function createPodSockets({ kube, clock, warn, debugImage, mayWrite }: PodSocketsOptions): ConnectionSource {
  const sightings = new Sightings();
  /** The container that answered, by pod UID. */
  const containers = new Map<string, string>();

  /** Tries one container after the other until one has `cat`. */
  async function find(pod: KubeObject, owner: string | undefined, call: CallOptions): Promise<Reader> {
    const { name } = pod.metadata;
    const candidates = candidateContainers(pod, owner);
    if (candidates.length === 0) return { because: `no container of pod ${name} is running` };
    for (const container of candidates) {
      const sockets = await readSockets(kube, name, container, call);
      if (sockets !== undefined) return { container, sockets };
    }
    if (debugImage === undefined || !mayWrite) {
      const way =
        debugImage === undefined
          ? '--debug-image busybox adds one that has'
          : `one of ${debugImage} would be added, but this run writes nothing`;
      return { because: `no container of pod ${name} has cat (${candidates.join(', ')}); ${way}` };
    }
    const added = await ensureDebugContainer(pod, { kube, clock, image: debugImage, warn, signal: call.signal });
    if ('because' in added) return added;
    const sockets = await readSockets(kube, name, added.name, call);
    return sockets === undefined
      ? { because: `image ${debugImage} has no cat either` }
      : { container: added.name, sockets };
  }

  /** Finds the way into one pod, for all of its backends. */
  async function enter(backends: readonly CountedBackend[], call: CallOptions): Promise<Reader> {
    const [first] = backends;
    if (first === undefined) return { because: 'nothing to count' };
    const pod = await kube.get(PODS, first.pod, call);
    if (pod.metadata.uid !== first.podUid) return { because: `pod ${first.pod} was replaced meanwhile` };
    const sidecar = redirectingSidecar(pod);
    if (sidecar !== undefined) {
      return { because: `sidecar ${sidecar} takes the connections of pod ${first.pod}, they do not show on its port` };
    }
    return find(pod, backends.find(({ container }) => container !== undefined)?.container, call);
  }

  async function provePod(backends: readonly CountedBackend[], call: CallOptions): Promise<readonly Countability[]> {
    const tcp = backends.filter((backend) => !isUdp(backend.listener));
    const reader = tcp.length === 0 ? { because: '' } : await enter(tcp, call).catch(refusalToCount);
    if ('container' in reader) for (const { podUid } of tcp) containers.set(podUid, reader.container);
    return backends.map((backend) => judgeReader(backend, reader));
  }

  async function readPod(
    backends: readonly CountedBackend[],
    container: string | undefined,
    cadence: Cadence,
    call: CallOptions,
  ): Promise<readonly Series[]> {
    const [first] = backends;
    if (first === undefined) return [];
    // The sockets are as they were some time after this; the earlier moment proves less.
    const atMs = clock.now();
    const look = async () =>
      (container === undefined ? undefined : await readSockets(kube, first.pod, container, call)) ??
      (await reenter(backends, call));
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
      return { source: NAME, backend, cadence, points: [{ atMs, value: open.length }], holders };
    });
  }

  /** The container that answered before has gone: an ephemeral one that ended, say. Throws when there is no other. */
  async function reenter(backends: readonly CountedBackend[], call: CallOptions): Promise<readonly Socket[]> {
    const reader = await enter(backends, call);
    if ('because' in reader) {
      throw new ConnectionError(`the pod source cannot count ${backends[0]?.pod}: ${reader.because}`, {
        retryable: true,
      });
    }
    for (const { podUid } of backends) containers.set(podUid, reader.container);
    return reader.sockets;
  }

  return {
    name: NAME,
    async prove(backends, _siblings, { signal } = {}) {
      const call = signal === undefined ? {} : { signal };
      const found = await mapBounded(byPod(backends), MOST_AT_ONCE, (group) => provePod(group, call));
      const byBackend = new Map(found.flat().map((each) => [each.backend, each]));
      return backends.flatMap((backend) => byBackend.get(backend) ?? []);
    },
    async read(backends, _sinceMs, { signal } = {}) {
      const call = signal === undefined ? {} : { signal };
      const pods = byPod(backends.filter((each) => !isUdp(each.listener)));
      const cadence = cadenceOfMoments(pods.length);
      const series = await mapBounded(pods, MOST_AT_ONCE, (group) =>
        readPod(group, containers.get(group[0]?.podUid ?? ''), cadence, call),
      );
      return series.flat();
    },
  };
}

const keyOf = ({ podUid, port }: CountedBackend): string => `${podUid} ${port}`;

function byPod(backends: readonly CountedBackend[]): readonly (readonly CountedBackend[])[] {
  const groups = new Map<string, CountedBackend[]>();
  for (const backend of backends) groups.set(backend.podUid, [...(groups.get(backend.podUid) ?? []), backend]);
  return [...groups.values()];
}

function judgeReader(backend: CountedBackend, reader: Reader): Countability {
  if (isUdp(backend.listener)) {
    return {
      backend,
      countable: false,
      because: `sockets cannot be counted for ${backend.listener.protocol}: one socket serves every peer; --source clb counts packets`,
    };
  }
  if ('because' in reader) return { backend, countable: false, because: reader.because };
  const { container, sockets } = reader;
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
function refusalToCount(error: unknown): Reader {
  if (isPassing(error)) throw error;
  if (!(error instanceof StatusError)) throw error;
  const hint = error.httpStatus === 403 ? '; it needs get on pods and create on pods/exec' : '';
  return { because: `${error.serverMessage}${hint}` };
}
