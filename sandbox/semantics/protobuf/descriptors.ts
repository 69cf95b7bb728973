/** The messages that kubectl sends in protobuf, by the field numbers of Kubernetes' generated.proto files. */
import { DEPLOYMENT, SERVICE } from './descriptors-workload.ts';
import { LABEL_SELECTOR, METADATA, type Message, many, maybe, one, STATUS } from './message.ts';

const DELETE_OPTIONS: Message = {
  1: maybe('gracePeriodSeconds', 'number'),
  2: maybe('preconditions', { 1: maybe('uid', 'text'), 2: maybe('resourceVersion', 'text') }),
  3: maybe('orphanDependents', 'flag'),
  4: maybe('propagationPolicy', 'text'),
  5: many('dryRun', 'text'),
};

const ACCESS_REVIEW: Message = {
  1: METADATA,
  2: one('spec', {
    1: maybe('resourceAttributes', {
      1: one('namespace', 'text'),
      2: one('verb', 'text'),
      3: one('group', 'text'),
      4: one('version', 'text'),
      5: one('resource', 'text'),
      6: one('subresource', 'text'),
      7: one('name', 'text'),
    }),
    2: maybe('nonResourceAttributes', { 1: one('path', 'text'), 2: one('verb', 'text') }),
  }),
  3: STATUS,
};

const POLICY_RULE: Message = {
  1: many('verbs', 'text'),
  2: many('apiGroups', 'text'),
  3: many('resources', 'text'),
  4: many('resourceNames', 'text'),
  5: many('nonResourceURLs', 'text'),
};
const ROLE: Message = { 1: METADATA, 2: many('rules', POLICY_RULE) };
const CLUSTER_ROLE: Message = {
  ...ROLE,
  3: maybe('aggregationRule', { 1: many('clusterRoleSelectors', LABEL_SELECTOR) }),
};
const ROLE_BINDING: Message = {
  1: METADATA,
  2: many('subjects', {
    1: one('kind', 'text'),
    2: one('apiGroup', 'text'),
    3: one('name', 'text'),
    4: one('namespace', 'text'),
  }),
  3: one('roleRef', { 1: one('apiGroup', 'text'), 2: one('kind', 'text'), 3: one('name', 'text') }),
};

/** The messages that are read, by kind. `kubectl create` of other kinds takes a file (`-f`), which goes as JSON. */
export const MESSAGES: Readonly<Record<string, Message>> = {
  DeleteOptions: DELETE_OPTIONS,
  Deployment: DEPLOYMENT,
  Service: SERVICE,
  Eviction: { 1: METADATA, 2: maybe('deleteOptions', DELETE_OPTIONS) },
  SelfSubjectAccessReview: ACCESS_REVIEW,
  Namespace: { 1: METADATA, 2: one('spec', { 1: many('finalizers', 'text') }), 3: STATUS },
  ConfigMap: {
    1: METADATA,
    2: many('data', 'textMap'),
    3: many('binaryData', 'bytesMap'),
    4: maybe('immutable', 'flag'),
  },
  Secret: {
    1: METADATA,
    2: many('data', 'bytesMap'),
    3: one('type', 'text'),
    4: many('stringData', 'textMap'),
    5: maybe('immutable', 'flag'),
  },
  ServiceAccount: {
    1: METADATA,
    3: many('imagePullSecrets', { 1: one('name', 'text') }),
    4: maybe('automountServiceAccountToken', 'flag'),
  },
  Role: ROLE,
  ClusterRole: CLUSTER_ROLE,
  RoleBinding: ROLE_BINDING,
  ClusterRoleBinding: ROLE_BINDING,
  PodDisruptionBudget: {
    1: METADATA,
    2: one('spec', {
      1: maybe('minAvailable', 'intOrString'),
      2: maybe('selector', LABEL_SELECTOR),
      3: maybe('maxUnavailable', 'intOrString'),
      4: maybe('unhealthyPodEvictionPolicy', 'text'),
    }),
    3: STATUS,
  },
};

/** The envelope around every message: k8s.io/apimachinery runtime.Unknown. */
export const UNKNOWN: Message = {
  1: one('typeMeta', { 1: one('apiVersion', 'text'), 2: one('kind', 'text') }),
  2: one('raw', 'bytes'),
  3: one('contentEncoding', 'text'),
  4: one('contentType', 'text'),
};
