/** How late this very load balancer follows, from moments that were written down anyway: nothing is changed to measure it. */
import type { KubeObject } from '../facts/kube-object.ts';
import type { RecordingLine } from '../story/recording.ts';
import { ordinalOf } from '../target/ordinals.ts';
import { list, text } from '../values/read.ts';
import { parseTime } from '../values/time.ts';
import { RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';

export interface MeasuredLag {
  /** From the readiness of a pod's containers to its readiness gate, which waits for the load balancer: bound and healthy. */
  bindingMs: readonly number[];
  /** From the write of a weight to the load balancer that shows it. */
  weightMs: readonly number[];
}

/** Injected by TKE into pods that are bound directly (TKE: readiness gate of direct access). */
const GATE = 'cloud.tencent.com/load-balancer-backendgroup-ready';

/** When a pod's containers became ready, and when its gate did; undefined: not so now, or no gate. Times have whole seconds. */
export function readyMoments(pod: KubeObject): { containersReadyAt: string; gateReadyAt: string } | undefined {
  const conditions = list(pod, 'status', 'conditions');
  const since = (type: string): string | undefined => {
    const found = conditions.find((each) => text(each, 'type') === type && text(each, 'status') === 'True');
    return text(found, 'lastTransitionTime');
  };
  const containersReadyAt = since('ContainersReady');
  const gateReadyAt = since(GATE);
  return containersReadyAt === undefined || gateReadyAt === undefined ? undefined : { containersReadyAt, gateReadyAt };
}

/** The lag that the present pods show. A gate that was ready before its containers is no evidence: they were restarted since. */
export const lagOfPods = (pods: readonly KubeObject[]): MeasuredLag => ({
  bindingMs: pods.flatMap((pod) => bindingMsOf(readyMoments(pod))),
  weightMs: [],
});

function bindingMsOf(moments: { containersReadyAt?: string; gateReadyAt?: string } | undefined): number[] {
  const tookMs = parseTime(moments?.gateReadyAt ?? '') - parseTime(moments?.containersReadyAt ?? '');
  return tookMs >= 0 ? [tookMs] : [];
}

/** A weight that is shown later than this belongs to no write of ours. */
const LATEST_MS = 5 * 60_000;

/** The lag in a recording of verbs on this StatefulSet; a weight counts where the same run has seen the one before. */
export function lagOfRecording(lines: readonly RecordingLine[], statefulSet: string): MeasuredLag {
  const bindings = new Map<string, number[]>();
  const weightMs: number[] = [];
  const shown = new Map<string, number>();
  let writtenMs: number | undefined;
  for (const line of lines) {
    const atMs = parseTime(line.at);
    if (line.kind === 'begin') {
      shown.clear();
      writtenMs = undefined;
    } else if (line.kind === 'write') {
      if (writesWeights(line)) writtenMs = atMs;
    } else if (line.kind === 'pod' && ordinalOf(line.pod, statefulSet) !== undefined) {
      bindings.set(line.uid, bindingMsOf(line));
    } else if (line.kind === 'weight' && ordinalOf(line.pod, statefulSet) !== undefined) {
      const place = `${line.pod} ${line.balancer} ${line.listener}`;
      const before = shown.get(place);
      shown.set(place, line.weight);
      const tookMs = atMs - (writtenMs ?? Number.NaN);
      if (before !== undefined && before !== line.weight && tookMs >= 0 && tookMs <= LATEST_MS) weightMs.push(tookMs);
    }
  }
  return { bindingMs: [...bindings.values()].flat(), weightMs };
}

const writesWeights = ({ object, body, dryRun, error }: Extract<RecordingLine, { kind: 'write' }>): boolean =>
  object.startsWith('service/') &&
  !dryRun &&
  error === undefined &&
  JSON.stringify(body).includes(RS_WEIGHT_ANNOTATION);
