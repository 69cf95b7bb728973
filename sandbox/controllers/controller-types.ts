/** The parts of API objects that the controllers read and write; unknown fields are kept. */
import type { RollingStrategy } from '../../lib/core/values/rollout-arithmetic.ts';
import type { Clock, KubeObject, ObjectMeta } from '../../lib/ports.ts';
import type { LabelSelector } from '../semantics/select/selectors.ts';

export interface PodTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
}

export interface ContainerPort {
  name?: string;
  containerPort: number;
  protocol?: string;
}

export interface PodSpec {
  nodeName?: string;
  hostname?: string;
  subdomain?: string;
  volumes?: { name: string; [field: string]: unknown }[];
  containers: { name: string; image?: string; ports?: ContainerPort[]; [field: string]: unknown }[];
  [field: string]: unknown;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  lastTransitionTime?: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: {
    phase?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    conditions?: Condition[];
    [field: string]: unknown;
  };
}

export interface StatefulSet extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    serviceName?: string;
    template: PodTemplate;
    podManagementPolicy?: 'OrderedReady' | 'Parallel';
    updateStrategy?: { type?: 'OnDelete' | 'RollingUpdate'; rollingUpdate?: { partition?: number } };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    ordinals?: { start?: number };
    volumeClaimTemplates?: { metadata: Partial<ObjectMeta> & { name: string }; spec?: object }[];
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: 'Retain' | 'Delete'; whenScaled?: 'Retain' | 'Delete' };
  };
  status?: StatefulSetStatus;
}

export interface StatefulSetStatus {
  observedGeneration?: number;
  replicas: number;
  readyReplicas?: number;
  availableReplicas: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  currentRevision: string;
  updateRevision: string;
  collisionCount: number;
}

export interface ReplicaSet extends KubeObject {
  spec: { replicas?: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate };
  status?: ReplicaSetStatus;
}

export interface ReplicaSetStatus {
  observedGeneration?: number;
  replicas: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  conditions?: Condition[];
}

export interface Deployment extends KubeObject {
  spec: {
    replicas?: number;
    selector: LabelSelector;
    template: PodTemplate;
    strategy?: { type?: 'Recreate' | 'RollingUpdate'; rollingUpdate?: RollingStrategy };
    minReadySeconds?: number;
    revisionHistoryLimit?: number;
    progressDeadlineSeconds?: number;
    paused?: boolean;
  };
  status?: DeploymentStatus;
}

export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  collisionCount?: number;
  conditions?: DeploymentCondition[];
}

export interface DeploymentCondition extends Condition {
  lastUpdateTime?: string;
}

export interface ControllerRevision extends KubeObject {
  revision: number;
  /** A strategic merge patch that puts the template back: `{"spec":{"template":{…,"$patch":"replace"}}}`. */
  data: { spec: { template: PodTemplate & { $patch: 'replace' } } };
}

/** What every controller may be given. */
export interface ControllerOptions {
  /** One line for each thing done or failed. */
  log?: (line: string) => void;
  clock?: Clock;
}
