/** Everything that the rules of `check` look at; the flow fills it in, the rules only read. */
import type { AddressBinding, BalancerState, KubeObject, TriedAction } from '../../ports.ts';
import type { PodBinding } from '../backends.ts';
import type { Known } from '../findings.ts';
import type { PodFacts } from '../pod.ts';
import type { Access } from '../required-access.ts';
import type { ServiceFacts } from '../service.ts';
import type { StatefulSetFacts } from '../stateful-set.ts';

/** One permission in the cluster; undefined: the server did not say. */
export interface AskedAccess {
  access: Access;
  allowed: boolean | undefined;
  /** The verbs that are denied, or why it is not known. */
  because: string;
}

/** What the operator means to do, as far as findings depend on it. */
export interface CheckWishes {
  stableForMs: number;
  /** --service was given: other Services were left out on purpose. */
  narrowed: boolean;
}

export interface CheckFacts {
  set: StatefulSetFacts;
  /** The StatefulSet as the server sent it: template, managedFields. */
  object: KubeObject;
  pods: readonly PodFacts[];
  /** The Services that are meant. */
  services: readonly ServiceFacts[];
  /** Every Service of the namespace whose selector matches the pods, of any type. */
  selecting: Known<readonly ServiceFacts[]>;
  ingresses: Known<readonly KubeObject[]>;
  autoscalers: Known<readonly KubeObject[]>;
  /** Budgets that select the pods. */
  budgets: Known<readonly KubeObject[]>;
  /** Data of the service-controller's ConfigMap. */
  controller: Known<Readonly<Record<string, string>>>;
  wishes: CheckWishes;
}

/** What the cloud shows of the target. */
export interface CloudFacts {
  balancers: readonly { service: ServiceFacts; balancer: BalancerState }[];
  bindings: readonly PodBinding[];
  others: Known<readonly AddressBinding[]>;
}

/** The surroundings that are not the target's. */
export interface PlatformFacts {
  access: readonly AskedAccess[];
  actions: Known<readonly TriedAction[]>;
  /** How far this machine's clock is ahead of the API server's. */
  clockAheadMs: number | undefined;
  /** Executables that kubectl would run in this program's place. */
  strays: readonly string[] | undefined;
}
