/** The facts that the audit of a rolling update reads about a Deployment, or of a StatefulSet whose controller replaces pods by itself. */
import type { KubeObject } from '../facts/kube-object.ts';
import { selectorText } from '../target/stateful-set-facts.ts';
import { field, number, text, texts } from '../values/read.ts';
import type { CountOrPercent, RollingStrategy } from '../values/rolling-limits.ts';

export interface WorkloadFacts {
  kind: 'deployment' | 'statefulset';
  name: string;
  namespace: string;
  replicas: number;
  /** RollingUpdate, Recreate, OnDelete. */
  strategy: string;
  /** maxSurge is 0 for a StatefulSet, which has none. */
  rolling: RollingStrategy;
  /** StatefulSet: pods below this ordinal are not updated; 0: all are. */
  partition: number;
  /** Deployment: `kubectl rollout pause`. */
  paused: boolean;
  minReadySeconds: number;
  /** `spec.template`. */
  template: unknown;
  templateLabels: Readonly<Record<string, string>>;
  templateAnnotations: Readonly<Record<string, string>>;
  selectorText: string;
}

/** `deployment/web`, as kubectl takes it. */
export const workloadText = ({ kind, name }: Pick<WorkloadFacts, 'kind' | 'name'>): string => `${kind}/${name}`;

/** Defaults are those of apps/v1. */
export function readWorkload(kind: WorkloadFacts['kind'], object: KubeObject): WorkloadFacts {
  const strategyField = kind === 'deployment' ? 'strategy' : 'updateStrategy';
  const template = field(object, 'spec', 'template');
  const share = (name: string): CountOrPercent | undefined => {
    const value = field(object, 'spec', strategyField, 'rollingUpdate', name);
    return typeof value === 'number' || typeof value === 'string' ? value : undefined;
  };
  const maxSurge = share('maxSurge');
  const maxUnavailable = share('maxUnavailable');
  return {
    kind,
    name: object.metadata.name,
    namespace: object.metadata.namespace ?? '',
    replicas: number(object, 'spec', 'replicas') ?? 1,
    strategy: text(object, 'spec', strategyField, 'type') ?? 'RollingUpdate',
    rolling:
      kind === 'deployment'
        ? {
            ...(maxSurge === undefined ? {} : { maxSurge }),
            ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
          }
        : { maxSurge: 0, maxUnavailable: maxUnavailable ?? 1 },
    partition: number(object, 'spec', strategyField, 'rollingUpdate', 'partition') ?? 0,
    paused: field(object, 'spec', 'paused') === true,
    minReadySeconds: number(object, 'spec', 'minReadySeconds') ?? 0,
    template,
    templateLabels: texts(template, 'metadata', 'labels'),
    templateAnnotations: texts(template, 'metadata', 'annotations'),
    selectorText: selectorText(object),
  };
}
