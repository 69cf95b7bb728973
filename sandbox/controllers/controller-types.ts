/** The API objects that the controllers read and write, in @kubernetes/client-node's words; unknown fields are kept. */
import type {
  V1DeploymentCondition,
  V1DeploymentSpec,
  V1DeploymentStatus,
  V1PodCondition,
  V1PodSpec,
  V1PodStatus,
  V1ReplicaSetSpec,
  V1ReplicaSetStatus,
  V1StatefulSetSpec,
  V1StatefulSetStatus,
} from '@kubernetes/client-node';
import type { Clock, KubeObject, ObjectMeta } from '../../lib/ports.ts';
import type { OnWire } from '../common/on-wire.ts';

export type Condition = OnWire<V1PodCondition>;
export type PodSpec = OnWire<V1PodSpec>;
export type StatefulSetStatus = OnWire<V1StatefulSetStatus>;
export type ReplicaSetStatus = OnWire<V1ReplicaSetStatus>;
export type DeploymentStatus = OnWire<V1DeploymentStatus>;
export type DeploymentCondition = OnWire<V1DeploymentCondition>;

export interface PodTemplate {
  metadata?: Partial<ObjectMeta>;
  spec: PodSpec;
}

/** A workload's spec, whose template always has a spec of its own. */
type WithTemplate<Spec> = OnWire<Omit<Spec, 'template'>> & { template: PodTemplate };

export interface Pod extends KubeObject {
  spec: PodSpec;
  status?: OnWire<V1PodStatus>;
}

export interface StatefulSet extends KubeObject {
  spec: WithTemplate<Omit<V1StatefulSetSpec, 'volumeClaimTemplates'>> & {
    volumeClaimTemplates?: { metadata: Partial<ObjectMeta> & { name: string }; spec?: object }[];
  };
  status?: StatefulSetStatus;
}

export interface ReplicaSet extends KubeObject {
  spec: WithTemplate<V1ReplicaSetSpec>;
  status?: ReplicaSetStatus;
}

export interface Deployment extends KubeObject {
  spec: WithTemplate<V1DeploymentSpec>;
  status?: DeploymentStatus;
}

export interface ControllerRevision extends KubeObject {
  revision: number;
  /** A strategic merge patch that puts the template back: `{"spec":{"template":{…,"$patch":"replace"}}}`. */
  data: { spec: { template: PodTemplate & { $patch: 'replace' } } };
}

/** The options of every controller. */
export interface ControllerOptions {
  /** One line for each thing done or failed. */
  log?: (line: string) => void;
  clock?: Clock;
}
