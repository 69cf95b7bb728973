/** The way into a pod: the first of its containers through which the pod's sockets can be read. */
import { ConnectionError, StatusError } from '../../core/errors.ts';
import { field } from '../../core/values/read.ts';
import { PODS } from '../../ports/resources.ts';
import type { CallOptions, Clock, CountedBackend, Kube, KubeObject } from '../../ports.ts';
import { candidateContainers, containerNames, redirectingSidecar } from './containers.ts';
import { ensureDebugContainer } from './debug-container.ts';
import { ELSEWHERE } from './pod-clients.ts';
import type { Socket } from './proc-net-tcp.ts';
import { readSockets } from './read-sockets.ts';

export interface EntryOptions {
  kube: Kube;
  clock: Clock;
  warn: (line: string) => void;
  /** Image of an ephemeral container, for pods that have no `cat`; undefined: none is ever added. */
  debugImage: string | undefined;
  /** False: it is not added now, but would be by a verb that may write. */
  mayWrite: boolean;
}

/** The container that answered, and what it said. */
export interface OpenEntry {
  container: string;
  sockets: readonly Socket[];
  /** The same for pods of the same containers. */
  makeup: string;
}

/** `because`: why this pod cannot be counted from inside; `isIdle`: nothing runs in it. */
export type Entry = OpenEntry | { because: string; isIdle?: true };

/**
 * Finds the way into one pod, for all of its backends. Throws StatusError and ConnectionError when the pod could not be asked, or when
 * every container was tried in vain.
 */
export async function enter(
  backends: readonly CountedBackend[],
  options: EntryOptions,
  call: CallOptions,
): Promise<Entry> {
  const [first] = backends;
  if (first === undefined) return { because: 'nothing to count' };
  const pod = await findPod(options.kube, first.pod, call);
  if (pod === undefined) return { because: `pod ${first.pod} is gone` };
  if (pod.metadata.uid !== first.podUid) return { because: `pod ${first.pod} was replaced meanwhile` };
  if (field(pod, 'spec', 'hostNetwork') === true)
    return {
      because: `pod ${first.pod} uses the network of its node (hostNetwork): its table shows every socket of the node; ${ELSEWHERE}`,
    };
  const sidecar = redirectingSidecar(pod);
  if (sidecar !== undefined) {
    return {
      because: `sidecar ${sidecar} takes the connections of pod ${first.pod}, they do not show on its port; ${ELSEWHERE}`,
    };
  }
  return find(pod, backends.find(({ container }) => container !== undefined)?.container, options, call);
}

/** Undefined when the API server has no such pod. Throws its other errors. */
async function findPod(kube: Kube, name: string, call: CallOptions): Promise<KubeObject | undefined> {
  try {
    return await kube.get(PODS, name, call);
  } catch (error) {
    if (error instanceof StatusError && error.httpStatus === 404) return undefined;
    throw error;
  }
}

/** Tries one container after the other until one answers; they all share one network. */
async function find(
  pod: KubeObject,
  owner: string | undefined,
  options: EntryOptions,
  call: CallOptions,
): Promise<Entry> {
  const { name } = pod.metadata;
  const candidates = candidateContainers(pod, owner);
  if (candidates.length === 0) return { because: `no container of pod ${name} is running`, isIdle: true };
  const inVain: string[] = [];
  for (const container of candidates) {
    const look = await readSockets(options.kube, name, container, call);
    if ('sockets' in look) return { container, sockets: look.sockets, makeup: makeupOf(pod) };
    if (!look.lacksCat) inVain.push(`container ${container}: ${look.because}`);
  }
  if (inVain.length > 0) throw unreadable(name, inVain.join('; '));
  return addOne(pod, candidates, options, call);
}

/** Where no container has `cat`, an ephemeral one that has, if the operator asked for it. */
async function addOne(
  pod: KubeObject,
  candidates: readonly string[],
  { kube, clock, warn, debugImage, mayWrite }: EntryOptions,
  call: CallOptions,
): Promise<Entry> {
  const { name } = pod.metadata;
  if (debugImage === undefined || !mayWrite) {
    const way =
      debugImage === undefined
        ? '--debug-image busybox adds one that has'
        : `one of ${debugImage} would be added, but this run writes nothing`;
    return { because: `no container of pod ${name} has cat (${candidates.join(', ')}); ${way}` };
  }
  const added = await ensureDebugContainer(pod, { kube, clock, image: debugImage, warn, signal: call.signal });
  if ('because' in added) return added;
  const look = await readSockets(kube, name, added.name, call);
  if ('sockets' in look) return { container: added.name, sockets: look.sockets, makeup: makeupOf(pod) };
  if (look.lacksCat) return { because: `image ${debugImage} has no cat either` };
  throw unreadable(name, `container ${added.name}: ${look.because}`);
}

const makeupOf = (pod: KubeObject): string => containerNames(pod).join();

/** Every way into the pod was tried in vain, which may be temporary. */
export const unreadable = (pod: string, why: string): ConnectionError =>
  new ConnectionError(`the sockets of pod/${pod} cannot be read: ${why}`, {
    hint: 'nothing was concluded from it; if it stays so, count elsewhere: --source clb',
    retryable: true,
  });
