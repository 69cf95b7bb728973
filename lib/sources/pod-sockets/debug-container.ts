/** An ephemeral container with a shell, for pods that have none; it stays in the pod until the pod is gone. */
import { field, list, text } from '../../core/values/read.ts';
import { PODS } from '../../ports/resources.ts';
import type { Clock, Kube, KubeObject } from '../../ports.ts';

const PREFIX = 'kubectl-zeroloss-';
const POLL_MS = 1000;
const START_WITHIN_MS = 60_000;

/** It waits in a loop, and ends at once when the pod is asked to: it must not hold up the pod's own end. */
const IDLE = ['sh', '-c', 'trap "exit 0" TERM INT; while :; do sleep 5 & wait $!; done'];

export interface DebugContainerOptions {
  kube: Kube;
  clock: Clock;
  image: string;
  warn: (line: string) => void;
  signal: AbortSignal | undefined;
}

/**
 * The name of a running container of ours, added when there is none; or why it does not run.
 * Throws StatusError when the server refuses it (Kubernetes >= 1.25: pods/ephemeralcontainers).
 */
export async function ensureDebugContainer(
  pod: KubeObject,
  options: DebugContainerOptions,
): Promise<{ name: string } | { because: string }> {
  const { kube, clock, image, warn, signal } = options;
  const call = signal === undefined ? {} : { signal };
  const known = ours(pod);
  const alive = known.find((name) => stateOf(pod, name).kind !== 'ended');
  const name = alive ?? `${PREFIX}${known.length + 1}`;
  if (alive === undefined) {
    warn(`pod/${pod.metadata.name}: adding ephemeral container ${name} (${image}); it stays until the pod is gone`);
    await kube.patch(PODS, pod.metadata.name, patchFor(pod, name, image), {
      type: 'strategic',
      subresource: 'ephemeralcontainers',
      ...call,
    });
  }
  const endMs = clock.now() + START_WITHIN_MS;
  for (;;) {
    const now = await kube.get(PODS, pod.metadata.name, call);
    if (now.metadata.uid !== pod.metadata.uid) return { because: `pod ${pod.metadata.name} was replaced meanwhile` };
    const state = stateOf(now, name);
    if (state.kind === 'running') return { name };
    if (state.kind === 'ended' || clock.now() >= endMs)
      return { because: `ephemeral container ${name} (${image}) does not run: ${state.reason}` };
    await clock.sleep(POLL_MS, signal);
  }
}

const ours = (pod: KubeObject): string[] =>
  list(pod, 'spec', 'ephemeralContainers')
    .flatMap((each) => text(each, 'name') ?? [])
    .filter((name) => name.startsWith(PREFIX));

function stateOf(pod: KubeObject, name: string): { kind: 'running' | 'waiting' | 'ended'; reason: string } {
  const status = list(pod, 'status', 'ephemeralContainerStatuses').find((each) => text(each, 'name') === name);
  if (field(status, 'state', 'running') !== undefined) return { kind: 'running', reason: '' };
  const ended = field(status, 'state', 'terminated');
  if (ended !== undefined) return { kind: 'ended', reason: text(ended, 'reason') ?? 'it ended' };
  return { kind: 'waiting', reason: text(field(status, 'state', 'waiting'), 'reason') ?? 'it has not started yet' };
}

/** As little as the strictest Pod Security level asks for; the tables are readable by everybody. */
const patchFor = (pod: KubeObject, name: string, image: string): object => ({
  metadata: { uid: pod.metadata.uid },
  spec: {
    ephemeralContainers: [
      {
        name,
        image,
        command: IDLE,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65534,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ],
  },
});
