/** The facts that we read about a Service that binds the target's pods to a load balancer. */

import { field, list, number, text, texts } from '../values/read.ts';
import { blankText } from '../weights/kept-blank.ts';
import { RS_WEIGHT_ANNOTATION } from '../weights/rs-weight.ts';
import type { KubeObject } from './kube-object.ts';
import { carriersOf, SPECIFY_PROTOCOL, specifiedProtocols } from './specify-protocol.ts';

/** Annotations of TKE that decide whether weights can work (TKE Service annotation reference). */
export const TKE = {
  directAccess: 'service.cloud.tencent.com/direct-access',
  mode: 'service.cloud.tencent.com/mode',
  targetGroups: 'service.cloud.tencent.com/target-groups',
  balancerId: 'service.kubernetes.io/loadbalance-id',
  existingBalancerId: 'service.kubernetes.io/tke-existed-lbid',
  crossRegion: 'service.cloud.tencent.com/cross-region-id',
} as const;

/** Our own bookkeeping: what the annotation and the pods cannot say. Written in the same patch as the change it describes. */
export interface OwnAnnotations {
  /** The weight annotation before the first drain; '' = there was none. */
  former: string;
  /** When which pod was first seen at weight 0 on the load balancer. */
  zeroSeen: string;
  /** Which ordinals hold which canary weight: `{"0":5}`. */
  canary: string;
  /** The last write of advance: see KeptAdvance. */
  advanced: string;
  /** The format number of `former`, whose text is the user's own and has no room for one. The others carry theirs within. */
  format: string;
  /** The blank text of the weight annotation before the first drain: see kept-blank.ts. */
  blank: string;
}

/** The names of those of one StatefulSet: several may stand behind one Service, and each has a beginning of its own. */
export const ownAnnotations = (statefulSet: string): OwnAnnotations => ({
  former: `${statefulSet}.kubectl-zeroloss/former-lb-rs-weight`,
  zeroSeen: `${statefulSet}.kubectl-zeroloss/zero-seen`,
  canary: `${statefulSet}.kubectl-zeroloss/canary`,
  advanced: `${statefulSet}.kubectl-zeroloss/advanced`,
  format: `${statefulSet}.kubectl-zeroloss/format`,
  blank: `${statefulSet}.kubectl-zeroloss/former-blank`,
});

/** Whether an annotation's name is that of the moments of zero, of any StatefulSet. */
export const isZeroSeen = (name: string): boolean => name.endsWith('.kubectl-zeroloss/zero-seen');

/** A version that knows no formats leaves the number behind when it removes the bookkeeping beside it: no bookkeeping. */
const OWN = /^(.+)\.kubectl-zeroloss\/(?!format$)/;

/** The StatefulSets that have bookkeeping on the Service. */
export const bookkeptSets = ({ annotations }: Pick<ServiceFacts, 'annotations'>): string[] =>
  [...new Set(Object.keys(annotations).flatMap((key) => OWN.exec(key)?.[1] ?? []))].sort();

/** One port that has listeners of one kind; a Service port with two of them (specify-protocol) is two. */
export interface ServicePort {
  name: string;
  protocol: string;
  port: number;
  /** A number, or the name of a container port. */
  targetPort: number | string;
}

export interface ServiceFacts {
  name: string;
  uid: string;
  resourceVersion: string;
  type: string;
  /** Without an address of its own: its name leads straight to the pods. */
  isHeadless: boolean;
  /** Whether it leads to pods that are not ready, too: to peers that look for each other while they start. */
  publishesNotReady: boolean;
  /** Whether it has an address of its own inside the cluster. */
  hasAddress: boolean;
  selector: Readonly<Record<string, string>>;
  ports: readonly ServicePort[];
  annotations: Readonly<Record<string, string>>;
  /** The weight annotation's text; undefined: there is none, or a blank one. */
  weightText: string | undefined;
  balancerId: string | undefined;
  /** `Kind/name` of the controller that made it; undefined: none. */
  owner: string | undefined;
  region: string | undefined;
  /** The last writers of the weight annotation, other than this program: `manager@time`, from managedFields. undefined: the server does not show it. */
  otherWriters: readonly string[] | undefined;
}

/** The field manager of this program's own writes. */
export const FIELD_MANAGER = 'kubectl-zeroloss';

export function readService(object: KubeObject): ServiceFacts {
  const annotations = object.metadata.annotations ?? {};
  const specified = specifiedProtocols(annotations[SPECIFY_PROTOCOL]);
  return {
    name: object.metadata.name,
    uid: object.metadata.uid ?? '',
    resourceVersion: object.metadata.resourceVersion ?? '',
    type: text(object, 'spec', 'type') ?? 'ClusterIP',
    isHeadless: text(object, 'spec', 'clusterIP') === 'None',
    publishesNotReady: field(object, 'spec', 'publishNotReadyAddresses') === true,
    hasAddress: !['', 'None'].includes(text(object, 'spec', 'clusterIP') ?? ''),
    selector: texts(object, 'spec', 'selector'),
    ports: list(object, 'spec', 'ports').flatMap((each) => {
      const port = number(each, 'port') ?? 0;
      const targetPort = number(each, 'targetPort') ?? text(each, 'targetPort') ?? port;
      const carriers = carriersOf(text(each, 'protocol') ?? 'TCP', specified.get(port));
      return carriers.map((protocol) => ({ name: text(each, 'name') ?? '', protocol, port, targetPort }));
    }),
    annotations,
    // A blank text asks for nothing, as none does.
    weightText: blankText(annotations) === undefined ? annotations[RS_WEIGHT_ANNOTATION] : undefined,
    // An empty text names none.
    balancerId: annotations[TKE.balancerId]?.trim() || annotations[TKE.existingBalancerId]?.trim() || undefined,
    region: annotations[TKE.crossRegion],
    owner: ownerOf(object),
    otherWriters: otherWriters(object),
  };
}

function ownerOf({ metadata }: KubeObject): string | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return owner === undefined ? undefined : `${owner.kind}/${owner.name}`;
}

function otherWriters(object: KubeObject): string[] | undefined {
  const entries = list(object, 'metadata', 'managedFields');
  const owners = entries.filter(
    (entry) => field(entry, 'fieldsV1', 'f:metadata', 'f:annotations', `f:${RS_WEIGHT_ANNOTATION}`) !== undefined,
  );
  if (owners.length === 0) return undefined;
  return owners
    .filter((entry) => text(entry, 'manager') !== FIELD_MANAGER)
    .map((entry) => `${text(entry, 'manager') ?? ''}@${text(entry, 'time') ?? ''}`)
    .sort();
}
