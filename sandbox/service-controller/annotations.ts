/** Annotations of a Service or Pod that TKE's service-controller reads or writes (TKE Service annotation reference). */
export const Annotation = {
  weights: 'service.cloud.tencent.com/lb-rs-weight',
  directAccess: 'service.cloud.tencent.com/direct-access',
  mode: 'service.cloud.tencent.com/mode',
  targetGroups: 'service.cloud.tencent.com/target-groups',
  specifyProtocol: 'service.cloud.tencent.com/specify-protocol',
  crossRegion: 'service.cloud.tencent.com/cross-region-id',
  internalSubnet: 'service.kubernetes.io/qcloud-loadbalancer-internal-subnetid',
  existingBalancer: 'service.kubernetes.io/tke-existed-lbid',
  /** Written here. */
  balancer: 'service.kubernetes.io/loadbalance-id',
  syncBegin: 'service.cloud.tencent.com/sync-begin-time',
  syncEnd: 'service.cloud.tencent.com/sync-end-time',
  /** On a pod: its weight on every port of every Service, whatever lb-rs-weight says; their true precedence is not documented. */
  customWeight: 'service.cloud.tencent.com/custom-weight',
} as const;

/** RFC 3339 in whole seconds at UTC+8, as the service-controller writes its sync times. */
export function syncTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00');
}
