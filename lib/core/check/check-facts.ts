/** Everything that the rules of `check` look at; the flow fills it in, the rules only read. */

import type { PodBinding } from '../facts/backends.ts';
import type { AddressBinding, BalancerState, TriedAction } from '../facts/balancer-state.ts';
import type { KubeObject } from '../facts/kube-object.ts';
import type { ServiceFacts } from '../facts/service-facts.ts';
import type { RequiredAccess } from '../safety/required-access.ts';
import type { Scaler } from '../safety/scalers.ts';
import type { PodFacts } from '../target/pod.ts';
import type { StatefulSetFacts } from '../target/stateful-set-facts.ts';
import type { SurplusVolumes } from '../target/surplus-volumes.ts';
import type { Known } from '../values/known.ts';

/** One permission in the cluster; undefined: the server did not say. */
export interface AskedAccess {
  access: RequiredAccess;
  allowed: boolean | undefined;
  /** The verbs that are denied, or why it is not known. */
  because: string;
}

/** The operator's plan, as far as findings depend on it. */
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
  /** As in Facts. */
  strangers: readonly number[];
  /** Lines about pods that are terminating, by name. */
  going: ReadonlyMap<string, string>;
  /** The selected Services. */
  services: readonly ServiceFacts[];
  /** The names of those whose load balancer binds pods, although they lack the annotation. */
  direct: ReadonlySet<string>;
  /** Every Service of the namespace whose selector matches the pods, of any type. */
  selecting: Known<readonly ServiceFacts[]>;
  /** The volumes of the first surplus pod; undefined: pods claim none. */
  surplusVolumes: SurplusVolumes | undefined;
  ingresses: Known<readonly KubeObject[]>;
  autoscalers: Known<readonly Scaler[]>;
  /** Budgets that select the pods. */
  budgets: Known<readonly KubeObject[]>;
  /** Data of the service-controller's ConfigMap. */
  controller: Known<Readonly<Record<string, string>>>;
  wishes: CheckWishes;
}

/** The target as the cloud shows it. */
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
