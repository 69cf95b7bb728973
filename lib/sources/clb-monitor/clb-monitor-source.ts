import { defineSource } from '../define-source.ts';

export const clbMonitorSource = defineSource({
  name: 'clb',
  forGlances: true,
  countsInside: false,
  flags: {},
  create: async ({ cloud, clock, kube }) =>
    (await import('./clb-monitor.ts')).createClbMonitor(await cloud(), clock, () => kube.clockAheadMs?.()),
});
