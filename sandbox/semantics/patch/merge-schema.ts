/**
 * How the lists and maps of each kind merge, for strategic merge patch and for server-side apply.
 * From the API's Go tags patchStrategy, patchMergeKey, listType, listMapKey, structType and mapType;
 * what is not named here merges by default: maps field by field, lists as one value.
 */
export interface MergeSchema {
  /** Fields of this map that need a rule of their own. */
  readonly fields?: Readonly<Record<string, MergeSchema>>;
  /** This list is a map by this key in a strategic merge patch. */
  readonly mergeKey?: string;
  /** The keys of the list in server-side apply, where they are not `mergeKey` alone; [] = the list is atomic there. */
  readonly applyKeys?: readonly string[];
  /** This list is a set of plain values. */
  readonly set?: boolean;
  /** In server-side apply this map has one owner. */
  readonly atomic?: boolean;
  /** In server-side apply each element of this list has one owner. */
  readonly elementAtomic?: boolean;
  /** In a strategic merge patch this map is replaced as a whole. */
  readonly replace?: boolean;
  /** This map's keys are free text (labels), so an empty one is worth owning. */
  readonly freeKeys?: boolean;
}

const ATOMIC: MergeSchema = { atomic: true };
const FREE: MergeSchema = { freeKeys: true };
const byKey = (mergeKey: string, fields: MergeSchema['fields'] = {}, applyKeys?: readonly string[]): MergeSchema => ({
  mergeKey,
  fields,
  ...(applyKeys === undefined ? {} : { applyKeys }),
});

const CONDITIONS = byKey('type');
const STATUS: MergeSchema = { fields: { conditions: CONDITIONS } };

const META: MergeSchema = {
  fields: {
    labels: FREE,
    annotations: FREE,
    ownerReferences: { mergeKey: 'uid', elementAtomic: true },
    finalizers: { set: true },
  },
};

const VALUE_FROM: MergeSchema = {
  fields: { fieldRef: ATOMIC, resourceFieldRef: ATOMIC, configMapKeyRef: ATOMIC, secretKeyRef: ATOMIC },
};
const RESOURCES: MergeSchema = { fields: { limits: FREE, requests: FREE, claims: { applyKeys: ['name'] } } };

const CONTAINER = byKey('name', {
  env: byKey('name', { valueFrom: VALUE_FROM }),
  // One port number may serve TCP and UDP: apply distinguishes them, a strategic patch does not.
  ports: byKey('containerPort', {}, ['containerPort', 'protocol']),
  volumeMounts: byKey('mountPath'),
  volumeDevices: byKey('devicePath'),
  resources: RESOURCES,
});

const AFFINITY: MergeSchema = {
  fields: { nodeAffinity: { fields: { requiredDuringSchedulingIgnoredDuringExecution: ATOMIC } } },
};

const POD_SPEC: MergeSchema = {
  fields: {
    containers: CONTAINER,
    initContainers: CONTAINER,
    ephemeralContainers: CONTAINER,
    volumes: byKey('name'),
    affinity: AFFINITY,
    imagePullSecrets: byKey('name'),
    hostAliases: byKey('ip'),
    topologySpreadConstraints: byKey('topologyKey', { labelSelector: ATOMIC }, ['topologyKey', 'whenUnsatisfiable']),
    resourceClaims: byKey('name'),
    schedulingGates: byKey('name'),
    nodeSelector: { atomic: true, freeKeys: true },
    overhead: FREE,
  },
};

const POD_TEMPLATE: MergeSchema = { fields: { metadata: META, spec: POD_SPEC } };
const WORKLOAD_SPEC: MergeSchema = { fields: { selector: ATOMIC, template: POD_TEMPLATE } };

const KINDS: Readonly<Record<string, MergeSchema['fields']>> = {
  Pod: {
    spec: POD_SPEC,
    status: {
      fields: {
        conditions: CONDITIONS,
        podIPs: byKey('ip'),
        hostIPs: { mergeKey: 'ip', applyKeys: [] },
        resourceClaimStatuses: byKey('name'),
      },
    },
  },
  StatefulSet: { spec: WORKLOAD_SPEC, status: STATUS },
  Deployment: { spec: WORKLOAD_SPEC, status: STATUS },
  ReplicaSet: { spec: WORKLOAD_SPEC, status: STATUS },
  DaemonSet: { spec: WORKLOAD_SPEC, status: STATUS },
  Service: {
    spec: {
      fields: {
        ports: byKey('port', {}, ['port', 'protocol']),
        selector: { atomic: true, freeKeys: true },
      },
    },
    status: STATUS,
  },
  PodDisruptionBudget: { spec: { fields: { selector: { atomic: true, replace: true } } }, status: STATUS },
  Node: {
    spec: { fields: { podCIDRs: { set: true } } },
    status: { fields: { conditions: CONDITIONS, addresses: byKey('type'), capacity: FREE, allocatable: FREE } },
  },
  Namespace: { status: STATUS },
  PersistentVolumeClaim: { spec: { fields: { selector: ATOMIC, resources: RESOURCES } }, status: STATUS },
  HorizontalPodAutoscaler: { status: STATUS },
  ConfigMap: { data: FREE, binaryData: FREE },
  Secret: { data: FREE, stringData: FREE },
  ServiceAccount: { secrets: { mergeKey: 'name', elementAtomic: true } },
  Event: { involvedObject: ATOMIC, related: ATOMIC },
  RoleBinding: { roleRef: ATOMIC },
  ClusterRoleBinding: { roleRef: ATOMIC },
};

const schemas = new Map<string, MergeSchema>(
  Object.entries(KINDS).map(([kind, fields]) => [kind, { fields: { metadata: META, ...fields } }]),
);
const DEFAULT_SCHEMA: MergeSchema = { fields: { metadata: META } };

/** The rules of one kind; kinds not in the table merge by default, with the rules of metadata. */
export function schemaOf(kind: string): MergeSchema {
  return schemas.get(kind) ?? DEFAULT_SCHEMA;
}

const NO_RULES: MergeSchema = {};

/** The rules of one field of a map, or of an element of a list map. */
export function fieldSchema(schema: MergeSchema, name: string): MergeSchema {
  const fields = schema.fields;
  return fields !== undefined && Object.hasOwn(fields, name) ? (fields[name] ?? NO_RULES) : NO_RULES;
}
