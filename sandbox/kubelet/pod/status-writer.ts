/** Keeps a pod's status at the API server equal to what is rendered here: one write at a time, the newest wins. */
import { StatusError } from '../../../lib/core/errors.ts';
import { PODS } from '../../../lib/ports/resources.ts';
import type { Kube } from '../../../lib/ports.ts';
import { systemClock } from '../../common/system-clock.ts';
import { sleepUnlessAborted } from '../container/sleep-unless-aborted.ts';

export interface PodRef {
  namespace: string;
  name: string;
  uid: string;
}

export interface StatusWriter {
  /** Something changed; the write follows on its own. */
  request(): void;
  /** Resolves when the present status is written, the pod is gone, or the writer is stopped. */
  flush(): Promise<void>;
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

/** Whether the object is gone, or is no longer the intended one: no use in trying again. */
function isOver(error: unknown): boolean {
  if (!(error instanceof StatusError)) return false;
  // 409 is also the answer when the server lost a race with itself; that one is worth another try.
  const words = /\buid\b|precondition|already assigned/i;
  // 422 is a patch that names another uid.
  return error.httpStatus === 404 || ([409, 422].includes(error.httpStatus) && words.test(error.serverMessage));
}

/** Runs `attempt` until it succeeds, its object is gone or another, or `signal` aborts; false unless it succeeded. */
export async function untilDone(
  attempt: () => Promise<unknown>,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<boolean> {
  for (let retryMs = FIRST_RETRY_MS; !signal.aborted; retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS)) {
    try {
      await attempt();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (isOver(error)) return false;
      log(`will try again in ${retryMs} ms: ${error instanceof Error ? error.message : String(error)}`);
    }
    await sleepUnlessAborted(systemClock.sleep, retryMs, signal);
  }
  return false;
}

/** `render` gives the whole status; the uid rides along, so that a namesake is never written to. */
export function startStatusWriter(
  kube: Kube,
  pod: PodRef,
  render: () => Record<string, unknown>,
  log: (line: string) => void,
  signal: AbortSignal,
): StatusWriter {
  let written = '';
  let dirty = false;
  let writing: Promise<void> | undefined;

  const write = async () => {
    // Changes of one moment make one write.
    await Promise.resolve();
    while (dirty && !signal.aborted) {
      dirty = false;
      let text = '';
      const done = await untilDone(
        () => {
          const status = render();
          text = JSON.stringify(status);
          if (text === written) return Promise.resolve();
          const patch = { metadata: { uid: pod.uid }, status };
          return kube.patch(PODS, pod.name, patch, {
            namespace: pod.namespace,
            type: 'strategic',
            subresource: 'status',
            signal,
          });
        },
        (line) => log(`status of ${pod.namespace}/${pod.name}: ${line}`),
        signal,
      );
      if (!done) return;
      written = text;
    }
  };
  const request = () => {
    dirty = true;
    writing ??= write().finally(() => {
      writing = undefined;
    });
  };
  return {
    request,
    flush: async () => {
      request();
      await writing;
    },
  };
}
