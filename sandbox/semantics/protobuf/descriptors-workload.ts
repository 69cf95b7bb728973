/** The messages of `kubectl create deployment` and `kubectl create service`; a pod spec with more in it is refused, not cut short. */
import { LABEL_SELECTOR, METADATA, type Message, many, maybe, one, STATUS } from './message.ts';

const CONTAINER: Message = {
  1: one('name', 'text'),
  2: one('image', 'text'),
  3: many('command', 'text'),
  4: many('args', 'text'),
  5: one('workingDir', 'text'),
  6: many('ports', {
    1: one('name', 'text'),
    2: one('hostPort', 'number'),
    3: one('containerPort', 'number'),
    4: one('protocol', 'text'),
    5: one('hostIP', 'text'),
  }),
  7: many('env', { 1: one('name', 'text'), 2: one('value', 'text') }),
  // Requests and limits are not set by any of these commands, but their empty message is always sent.
  8: one('resources', {}),
  13: one('terminationMessagePath', 'text'),
  14: one('imagePullPolicy', 'text'),
  16: one('stdin', 'flag'),
  17: one('stdinOnce', 'flag'),
  18: one('tty', 'flag'),
  20: one('terminationMessagePolicy', 'text'),
};

const POD_SPEC: Message = {
  2: many('containers', CONTAINER),
  3: one('restartPolicy', 'text'),
  4: maybe('terminationGracePeriodSeconds', 'number'),
  6: one('dnsPolicy', 'text'),
  8: one('serviceAccountName', 'text'),
  9: one('serviceAccount', 'text'),
  10: one('nodeName', 'text'),
  11: one('hostNetwork', 'flag'),
  12: one('hostPID', 'flag'),
  13: one('hostIPC', 'flag'),
  16: one('hostname', 'text'),
  17: one('subdomain', 'text'),
  19: one('schedulerName', 'text'),
  24: one('priorityClassName', 'text'),
};

export const DEPLOYMENT: Message = {
  1: METADATA,
  2: one('spec', {
    1: maybe('replicas', 'number'),
    2: maybe('selector', LABEL_SELECTOR),
    3: one('template', { 1: METADATA, 2: one('spec', POD_SPEC) }),
    4: one('strategy', { 1: one('type', 'text') }),
    5: one('minReadySeconds', 'number'),
    6: maybe('revisionHistoryLimit', 'number'),
    7: one('paused', 'flag'),
    9: maybe('progressDeadlineSeconds', 'number'),
  }),
  3: STATUS,
};

export const SERVICE: Message = {
  1: METADATA,
  2: one('spec', {
    1: many('ports', {
      1: one('name', 'text'),
      2: one('protocol', 'text'),
      3: one('port', 'number'),
      4: one('targetPort', 'intOrString'),
      5: one('nodePort', 'number'),
      6: maybe('appProtocol', 'text'),
    }),
    2: many('selector', 'textMap'),
    3: one('clusterIP', 'text'),
    4: one('type', 'text'),
    5: many('externalIPs', 'text'),
    7: one('sessionAffinity', 'text'),
    8: one('loadBalancerIP', 'text'),
    9: many('loadBalancerSourceRanges', 'text'),
    10: one('externalName', 'text'),
    11: one('externalTrafficPolicy', 'text'),
    12: one('healthCheckNodePort', 'number'),
    13: one('publishNotReadyAddresses', 'flag'),
    17: maybe('ipFamilyPolicy', 'text'),
    18: many('clusterIPs', 'text'),
    19: many('ipFamilies', 'text'),
    20: maybe('allocateLoadBalancerNodePorts', 'flag'),
    21: maybe('loadBalancerClass', 'text'),
    22: maybe('internalTrafficPolicy', 'text'),
  }),
  3: STATUS,
};
