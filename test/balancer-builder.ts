/** Load balancers and listeners as the cloud shows them in the guide's set-up: one public balancer, TCP/80, health checks on. */
import type { BalancerState, ListenerState } from '../lib/core/facts/balancer-state.ts';

export const listenerState = (change: Partial<ListenerState> = {}): ListenerState => ({
  id: 'lbl-1',
  protocol: 'TCP',
  port: 80,
  scheduler: 'WRR',
  sessionExpireSeconds: 0,
  targetType: 'NODE',
  flags: [],
  resetsOnUnbind: false,
  healthCheck: { on: true, intervalSeconds: 5, healthyThreshold: 3, unhealthyThreshold: 3 },
  backends: [],
  ...change,
});

export const balancerState = (change: Partial<BalancerState> = {}): BalancerState => ({
  id: 'lb-1',
  name: 'lb',
  vips: ['203.0.113.51'],
  network: 'public',
  numericVpcId: '1111113',
  region: 'ap-guangzhou',
  running: true,
  listeners: [],
  observedAtMs: 0,
  ...change,
});
